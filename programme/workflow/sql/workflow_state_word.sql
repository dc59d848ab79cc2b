-- workflow_state_word($1 state, $2 vi, $3 en)
INSERT INTO workflow.state_word VALUES ($1, $2, $3) ON CONFLICT (state) DO UPDATE SET (vi, en) = (excluded.vi, excluded.en)
