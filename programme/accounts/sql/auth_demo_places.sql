-- Where the demo's people work: three communes of today that joined parts of old districts, a district of before, the province,
-- and a producer of the first commune
WITH commune AS (
    SELECT c.unit_key, c.code, row_number() OVER (ORDER BY c.code) AS place
    FROM pub.commune c
    WHERE (SELECT count(*) FROM geo.admin_change g WHERE g.new_key = c.unit_key) > 1
      AND EXISTS (SELECT FROM ocop.producer p JOIN geo.lineage_unit l USING (lineage_key) WHERE l.unit_key = c.unit_key)
    ORDER BY c.code LIMIT 3)
SELECT 'commune' AS kind, unit_key AS key, code FROM commune
UNION ALL
(SELECT 'district', unit_key, code FROM geo.admin_unit WHERE level = 'district' ORDER BY code LIMIT 1)
UNION ALL
(SELECT 'province', unit_key, code FROM pub.province ORDER BY code LIMIT 1)
UNION ALL
(SELECT 'producer', p.producer_key, p.producer_key::text FROM ocop.producer p JOIN geo.lineage_unit l USING (lineage_key) JOIN commune c ON c.unit_key = l.unit_key
 WHERE c.place = 1 ORDER BY p.producer_key LIMIT 1)
