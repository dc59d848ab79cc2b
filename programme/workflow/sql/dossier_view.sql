-- dossier_view($1 dossier): all that the acting person may know of it
SELECT workflow.view($1) || workflow.signed_files($1) || jsonb_build_object('meeting', workflow.meeting_of($1),
    'deadlines', (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', l.kind, 'since', l.since, 'due_on', l.due_on, 'done_on', l.done_on) ORDER BY l.kind), '[]')
                  FROM workflow.deadlines($1) l WHERE l.kind <> 'step'))
