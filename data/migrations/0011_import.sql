-- What importing needs: forgiving readers of dates and numbers, and communes by name. Locks nothing.

-- "2025-06-30" or "30/06/2025"; NULL when it is no such day.
CREATE FUNCTION geo.try_date(input text) RETURNS date
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS
$$
BEGIN
    IF input ~ '^\d{4}-\d{2}-\d{2}$' THEN
        RETURN make_date(substr(input, 1, 4)::integer, substr(input, 6, 2)::integer, substr(input, 9, 2)::integer);
    ELSIF input ~ '^\d{4}/\d{2}/\d{2}' THEN                -- as OGR writes dates
        RETURN make_date(substr(input, 1, 4)::integer, substr(input, 6, 2)::integer, substr(input, 9, 2)::integer);
    ELSIF input ~ '^\d{1,2}/\d{1,2}/\d{4}$' THEN
        RETURN make_date(split_part(input, '/', 3)::integer, split_part(input, '/', 2)::integer, split_part(input, '/', 1)::integer);
    END IF;
    RETURN NULL;
EXCEPTION WHEN datetime_field_overflow THEN
    RETURN NULL;
END
$$;

ALTER TABLE geo.admin_unit ADD COLUMN short_name_key text GENERATED ALWAYS AS (pub.name_key(short_name)) STORED;
CREATE INDEX admin_unit_name_key ON geo.admin_unit (name_key);
CREATE INDEX admin_unit_short_name_key ON geo.admin_unit (short_name_key);
CREATE INDEX producer_name_key ON ocop.producer (pub.name_key(name));

-- The communes on a day that a name may mean: with or without its type, tone marks placed either way (pub.name_key);
-- district: code or name, or NULL. More than one: the name alone does not say which.
CREATE FUNCTION geo.communes_named(commune text, district text, on_day date) RETURNS TABLE (unit_key bigint, code text)
LANGUAGE sql STABLE PARALLEL SAFE AS
$$
    SELECT u.unit_key, u.code
    FROM geo.admin_unit u LEFT JOIN geo.admin_unit p ON p.unit_key = u.parent_key
    WHERE u.level = 'commune' AND u.valid_from <= on_day AND (u.valid_to IS NULL OR u.valid_to > on_day)
      AND (u.name_key = pub.name_key(commune) OR u.short_name_key = pub.name_key(commune))
      AND (district IS NULL OR p.code = district OR p.name_key = pub.name_key(district) OR p.short_name_key = pub.name_key(district))
$$;
