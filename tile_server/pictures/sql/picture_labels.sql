-- picture_labels($1 level): where the names of its units stand, of every day
SELECT unit_key, ST_X(label_3857), ST_Y(label_3857) FROM pub.unit_label WHERE level::text = $1
