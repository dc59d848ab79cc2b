UPDATE content.item SET replaced_by = (SELECT n.item_key FROM content.item n WHERE n.doc_number = $2) WHERE doc_number = $1 AND is_demo
