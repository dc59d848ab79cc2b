-- $1 grant: from today on it is none
UPDATE auth.role_grant SET valid_to = greatest(valid_from, pub.business_date())
WHERE grant_key = $1 AND (valid_to IS NULL OR valid_to > pub.business_date())
