-- $1 state or NULL: those of the acting grant's territory, which wait first
SELECT s.sign_up_key, s.producer_name, s.kind, u.code AS commune_code, u.name AS commune_name, s.contact_name, s.phone, coalesce(s.email, '') AS email,
       coalesce(s.note, '') AS note, s.consent_version, to_char(s.asked_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS asked_at, s.state,
       coalesce(s.reason, '') AS reason, coalesce(s.producer_key, 0) AS producer_key
FROM auth.sign_up s JOIN pub.unit u USING (unit_key)
WHERE auth.lineages_of(s.unit_key) && (SELECT auth.lineages()) AND ($1::text IS NULL OR s.state = $1)
ORDER BY s.state <> 'pending', s.sign_up_key
LIMIT 500
