-- $1 kind, $2 by e-mail or not
INSERT INTO notify.setting (account_key, kind, mails)
SELECT auth.account(), k.kind, $2::boolean FROM notify.kind k WHERE k.kind = $1
ON CONFLICT (account_key, kind) DO UPDATE SET mails = excluded.mails
