-- sheet_own($1 sheet): the acting member's own, with what it is about
SELECT workflow.sheet_view($1) || jsonb_build_object('conditions', workflow.own_conditions($1))
