-- round_add($1 code, $2 proposals_until, $3 decide_until, $4 note)
INSERT INTO workflow.round (code, proposals_until, decide_until, note) VALUES ($1, $2::date, $3::date, nullif($4, '')) ON CONFLICT (code) DO NOTHING
