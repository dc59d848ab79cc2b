-- sheet_mine(): the acting member's
SELECT coalesce(json_agg(json_build_object('id', score_sheet_key, 'dossier', dossier_key, 'product', product, 'producer', producer, 'round', score_round, 'conflict', conflict,
                                           'signed_at', signed_at, 'answered', answered, 'criteria', criteria, 'due_on', due_on, 'is_open', is_open)), '[]')
FROM workflow.my_sheets()
