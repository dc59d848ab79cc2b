-- workflow_check_guards(): every condition is one that workflow.check_guard() knows; asked of a dossier there is not
SELECT count(c.field) FROM (SELECT DISTINCT unnest(guards) AS guard FROM workflow.transition) g, workflow.check_guard(g.guard, NULL, '{}') c
