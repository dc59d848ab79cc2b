-- draft_sweep($1 days): what the acting account left behind
DELETE FROM draft.record_draft WHERE saved_at < now() - make_interval(days => $1::integer)
