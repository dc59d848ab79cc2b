-- person_needed($1 producer): why its people cannot be erased yet, in words; no row when they can.
SELECT why FROM ocop.why_people_stay($1) AS why WHERE why IS NOT NULL
