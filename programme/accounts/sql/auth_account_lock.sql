-- $1 account: as it stands, and so it stays to the end of the transaction
SELECT account_key, login, state, version FROM auth.account WHERE account_key = $1 FOR UPDATE
