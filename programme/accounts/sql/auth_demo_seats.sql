-- auth_demo_seats(): the demo's council signs in with the demo's accounts
INSERT INTO workflow.seat (council_member_key, account_key)
SELECT m.council_member_key, a.account_key
FROM ocop.council_member m
JOIN (VALUES (1, 'demo.r12'), (2, 'demo.r10'), (3, 'demo.r11'), (4, 'demo.r10.2'), (5, 'demo.r10.3'), (6, 'demo.r10.4'), (7, 'demo.r09')) s (n, login) ON m.external_id = 'demo-member-' || s.n
JOIN auth.account a USING (login)
ON CONFLICT DO NOTHING
