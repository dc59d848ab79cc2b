-- The kinds that reach a role ($1), and whether the acting account has them by e-mail
SELECT k.kind, coalesce(s.mails, k.mails) AS mails
FROM notify.kind k LEFT JOIN notify.setting s ON s.kind = k.kind
WHERE EXISTS (SELECT FROM notify.listener l WHERE l.kind = k.kind AND l.role = $1)
ORDER BY k.kind
