-- Roles given and taken, keys and sign-ups under the audit; sign-ins and their failures are noted by the service. What people told
-- about themselves stays out of the older versions. Locks three small tables for some milliseconds.
SELECT audit.watch('auth.role_grant', 'grant_key');
SELECT audit.watch('auth.api_key', 'key_key', hidden => ARRAY['key_hash']);
SELECT audit.watch('auth.sign_up', 'sign_up_key', hidden => ARRAY['contact_name', 'phone', 'email', 'note']);
