-- Sample content of an earlier load; what an official's text points at stays
DELETE FROM content.item i WHERE i.is_demo AND NOT EXISTS (SELECT FROM content.item o WHERE o.replaced_by = i.item_key AND NOT o.is_demo)
