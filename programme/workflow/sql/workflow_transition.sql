-- workflow_transition($1 regime, $2 action, $3 from, $4 to, $5 roles, $6 needs, $7 guards, $8 vi, $9 en, $10 place)
INSERT INTO workflow.transition (regime, action, from_state, to_state, roles, needs, guards, title_vi, title_en, place)
VALUES ($1, $2, $3, $4, $5::text[], $6::text[], $7::text[], $8, $9, $10::integer)
