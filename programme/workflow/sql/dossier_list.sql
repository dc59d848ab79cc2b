-- dossier_list($1 state, $2 only where the role has something to do, $3 role, $4 pattern, $5 product, $6 after, $7 limit)
WITH page AS (
    SELECT d.dossier_key, d.dossier_no, d.dossier_state, d.registration_kind, d.legal_regime_code, d.submitted_at, w.state_since, w.due_on, d.evaluation_batch AS round,
           p.product_key, p.name AS product, p.class_code, m.producer_key, m.name AS producer, t.actions IS NOT NULL AS is_waiting, t.actions
    FROM ocop.dossier d
    JOIN workflow.dossier w USING (dossier_key)
    JOIN ocop.product p USING (product_key)
    JOIN ocop.producer m ON m.producer_key = p.producer_key
    LEFT JOIN LATERAL (SELECT json_agg(json_build_object('action', x.action, 'title_vi', x.title_vi, 'title_en', x.title_en) ORDER BY x.place) AS actions FROM workflow.transition x
                       WHERE x.regime = d.legal_regime_code AND x.from_state = d.dossier_state AND $3 = ANY (x.roles) AND x.action NOT IN ('withdraw', 'extend', 'revoke')) t ON true
    WHERE d.retired_at IS NULL AND d.dossier_key > $6 AND ($1::text IS NULL OR d.dossier_state = $1) AND (NOT $2::boolean OR t.actions IS NOT NULL)
      AND ($4::text IS NULL OR p.name_folded LIKE $4 OR m.name_folded LIKE $4 OR pub.fold(d.dossier_no) LIKE $4) AND ($5::bigint IS NULL OR p.product_key = $5)
    ORDER BY d.dossier_key LIMIT $7::integer + 1)
SELECT json_build_object('items', coalesce((SELECT json_agg(json_build_object('id', dossier_key, 'dossier_no', dossier_no, 'state', dossier_state, 'registration_kind', registration_kind,
            'regime', legal_regime_code, 'submitted_at', submitted_at, 'state_since', state_since, 'due_on', due_on, 'round', round,
            'product', json_build_object('id', product_key, 'name', product, 'class_code', class_code), 'producer', json_build_object('id', producer_key, 'name', producer),
            'is_waiting', is_waiting, 'actions', coalesce(actions, '[]')) ORDER BY dossier_key) FROM (SELECT * FROM page ORDER BY dossier_key LIMIT $7::integer) q), '[]'),
       'next', CASE WHEN (SELECT count(*) FROM page) > $7::integer THEN (SELECT max(dossier_key) FROM (SELECT dossier_key FROM page ORDER BY dossier_key LIMIT $7::integer) q) END)
