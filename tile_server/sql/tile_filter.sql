-- tile_filter: what ?filter= adds to the conditions of tile_shapes. {…} come from the catalogue, {condition} from CQL2.
 AND EXISTS (SELECT FROM {record} filtered WHERE filtered.{key} = v.{key} AND {condition})
