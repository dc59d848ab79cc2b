-- Products by lineage on $1: with a certificate in force, or with $2 all that are registered. One pass.
SELECT lineage_key, count(*) AS products, count(DISTINCT producer_key) AS producers, coalesce(sum(star), 0) AS stars,
       count(*) FILTER (WHERE star = 3) AS star_3, count(*) FILTER (WHERE star = 4) AS star_4, count(*) FILTER (WHERE star = 5) AS star_5
FROM (SELECT lineage_key, producer_key,
             CASE WHEN valid_to > $1::date AND (revoked_on IS NULL OR revoked_on > $1::date) THEN star END AS star
      FROM pub.product_period
      WHERE since <= $1::date AND until > $1::date
        AND ($2::boolean OR valid_to > $1::date AND (revoked_on IS NULL OR revoked_on > $1::date))) p
GROUP BY lineage_key
