-- sheet_list($1 dossier): as far as the acting person may see
SELECT coalesce(json_agg(json_build_object('id', score_sheet_key, 'round', score_round, 'member', member, 'role', member_role, 'is_mine', is_mine, 'conflict', conflict,
                                           'signed_at', signed_at, 'hash', CASE WHEN is_open THEN hash END, 'answered', answered, 'is_open', is_open, 'answers', answers,
                                           'comments', comments, 'conditions', coalesce(n.conditions, '[]'), 'total', total)), '[]')
FROM workflow.sheets($1) h LEFT JOIN workflow.named_conditions($1) n USING (score_sheet_key)
