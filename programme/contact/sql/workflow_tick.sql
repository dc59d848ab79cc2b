-- workflow_tick(): what the clock does with dossiers today
SELECT workflow.tick(pub.business_date())
