-- Where a unit's name and figure stand on every map: the middle of the largest circle inside its outline. Fixed in the
-- record, so that neighbouring pictures and tiles agree on it. Rewrites geo.admin_unit (hundreds of rows) under an
-- exclusive lock.
ALTER TABLE geo.admin_unit ADD COLUMN label_3857 geometry(Point, 3857)
    GENERATED ALWAYS AS ((ST_MaximumInscribedCircle(ST_Transform(geom, 3857))).center) STORED;
CREATE VIEW pub.unit_label AS SELECT unit_key, level, label_3857 FROM geo.admin_unit WHERE label_3857 IS NOT NULL;
