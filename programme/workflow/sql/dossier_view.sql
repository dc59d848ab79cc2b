-- dossier_view($1 dossier): all that the acting person may know of it
SELECT workflow.view($1) || workflow.signed_files($1) || jsonb_build_object('meeting', workflow.meeting_of($1))
