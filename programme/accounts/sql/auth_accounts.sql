-- auth_accounts($1 account or NULL, $2 folded text in login, name or e-mail, $3 role and $4 code of a unit of a grant that has not ended, $5 state,
-- $6 login after which the page begins, $7 most, $8 minutes a session may lie idle): accounts with all their grants, by login.
SELECT a.account_key, a.version, a.login, a.display_name, coalesce(a.email, '') AS email, coalesce(a.phone, '') AS phone, a.state, a.is_demo,
       a.totp_confirmed_at IS NOT NULL AS has_second_factor, to_char(a.created_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS created_at,
       coalesce(to_char(a.password_changed_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"'), '') AS password_changed_at,
       coalesce(to_char(a.last_sign_in_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"'), '') AS last_sign_in_at,
       (SELECT count(*) FROM auth.session s WHERE s.account_key = a.account_key AND s.revoked_at IS NULL AND s.expires_at > now()
                                              AND s.last_seen_at > now() - make_interval(mins => $8)) AS sessions,
       (SELECT count(*) FROM auth.api_key k WHERE k.account_key = a.account_key AND k.revoked_at IS NULL AND k.expires_at > now()) AS keys,
       coalesce((SELECT to_char(max(c.expires_at), 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') FROM auth.reset_code c
                 WHERE c.account_key = a.account_key AND c.used_at IS NULL AND c.expires_at > now()), '') AS code_until,
       coalesce((SELECT jsonb_agg(jsonb_build_object('id', g.grant_key, 'role', g.role, 'scope', auth.scope_name(g), 'unit', u.code, 'producer_id', g.producer_key,
                                                     'valid_from', g.valid_from, 'valid_to', g.valid_to, 'document', g.document, 'granted_by', b.login,
                                                     'in_force', auth.in_force(g, pub.business_date()),
                                                     'has_ended', g.valid_to IS NOT NULL AND g.valid_to <= pub.business_date())
                                  ORDER BY g.valid_to IS NOT NULL AND g.valid_to <= pub.business_date(), g.role, g.grant_key)
                 FROM auth.role_grant g LEFT JOIN pub.unit u USING (unit_key) LEFT JOIN auth.account b ON b.account_key = g.granted_by
                 WHERE g.account_key = a.account_key), '[]')::text AS grants
FROM auth.account a
WHERE ($1::bigint IS NULL OR a.account_key = $1)
  AND ($2::text IS NULL OR a.login LIKE '%' || $2 || '%' OR pub.fold(a.display_name) LIKE '%' || $2 || '%' OR pub.fold(a.email) LIKE '%' || $2 || '%')
  AND ($3::text IS NULL AND $4::text IS NULL
       OR EXISTS (SELECT FROM auth.role_grant g LEFT JOIN pub.unit u USING (unit_key)
                  WHERE g.account_key = a.account_key AND (g.valid_to IS NULL OR g.valid_to > pub.business_date())
                    AND ($3::text IS NULL OR g.role = $3) AND ($4::text IS NULL OR u.code = $4)))
  AND ($5::text IS NULL OR a.state = $5) AND ($6::text IS NULL OR a.login > $6)
ORDER BY a.login
LIMIT $7
