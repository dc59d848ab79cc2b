SELECT a.login, a.display_name, a.state, a.totp_confirmed_at IS NOT NULL AS has_second_factor, a.is_demo,
       coalesce(a.last_sign_in_at::date::text, '') AS last_sign_in,
       coalesce(string_agg(format('%s %s%s', g.grant_key, g.role, ' ' || auth.scope_name(g)) || CASE WHEN auth.in_force(g, pub.business_date()) THEN '' ELSE ' (not in force)' END,
                           '; ' ORDER BY g.role, g.grant_key), '') AS grants
FROM auth.account a LEFT JOIN auth.role_grant g USING (account_key)
GROUP BY a.account_key
ORDER BY a.login
