-- round_list(): the newest first
SELECT coalesce(json_agg(json_build_object('code', code, 'proposals_until', proposals_until, 'decide_until', decide_until, 'note', note) ORDER BY proposals_until DESC), '[]') FROM workflow.round
