-- verify_results(): every result kept, with the signed sheets it was made of
SELECT r.dossier_key, r.score_round, r.version_key, w.set_no, r.settings, r.result, workflow.disqualified_by(r.hashes) AS disqualified,
       coalesce((SELECT string_agg(left(h, 12), ', ') FROM unnest(r.hashes) h WHERE NOT EXISTS (SELECT FROM workflow.signature g WHERE g.hash = h)), '') AS lost,
       (SELECT jsonb_agg(jsonb_build_object('name', m.council_member_name || ' #' || m.council_member_key, 'options', g.sheet->'options') ORDER BY h.place)
        FROM unnest(r.hashes) WITH ORDINALITY h (hash, place) JOIN workflow.signature g ON g.hash = h.hash JOIN ocop.score_sheet s USING (score_sheet_key)
        JOIN ocop.council_member m USING (council_member_key)) AS members
FROM workflow.result r JOIN workflow.dossier w USING (dossier_key) ORDER BY r.result_key
