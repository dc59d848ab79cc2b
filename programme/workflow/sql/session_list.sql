-- session_list(): sessions with their members and dossiers, as far as the acting person may see
SELECT coalesce(json_agg(json_build_object('id', s.council_session_key, 'date', s.session_date, 'mode', s.session_mode, 'present', s.session_present_count,
           'council', json_build_object('id', c.council_key, 'decision_no', c.council_decision_no, 'level', c.council_level, 'quorum_pct', c.quorum_pct, 'spread_limit', c.spread_limit,
                                        'ends_on', c.council_end_date),
           'members', (SELECT coalesce(json_agg(json_build_object('id', m.council_member_key, 'name', m.council_member_name, 'role', m.council_member_role, 'agency', m.council_member_agency,
                                                                  'has_account', m.council_member_key = ANY (workflow.seated())) ORDER BY m.council_member_key), '[]')
                       FROM ocop.council_member m WHERE m.council_key = c.council_key AND m.retired_at IS NULL),
           'dossiers', (SELECT coalesce(json_agg(json_build_object('id', d.dossier_key, 'state', d.dossier_state, 'dossier_no', d.dossier_no, 'product', p.name,
                                                                   'result', (SELECT r.result FROM workflow.result r WHERE r.dossier_key = d.dossier_key AND r.score_round = w.score_round
                                                                              ORDER BY r.result_key DESC LIMIT 1)) ORDER BY d.dossier_key), '[]')
                        FROM workflow.dossier w JOIN ocop.dossier d USING (dossier_key) JOIN ocop.product p USING (product_key) WHERE w.council_session_key = s.council_session_key))
       ORDER BY s.session_date DESC), '[]')
FROM ocop.council_session s JOIN ocop.council c USING (council_key) WHERE s.retired_at IS NULL
