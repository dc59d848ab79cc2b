-- $1 kind, $2 by e-mail or not; what lets somebody into the account is always told
INSERT INTO notify.setting (account_key, kind, mails)
SELECT auth.account(), k.kind, $2::boolean FROM notify.kind k WHERE k.kind = $1 AND k.kind <> 'account'
ON CONFLICT (account_key, kind) DO UPDATE SET mails = excluded.mails
