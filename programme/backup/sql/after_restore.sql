-- Marks of the other server's transactions mean nothing here, and every tile cache is from another record
DELETE FROM tile.change;
DELETE FROM tile.node;
SELECT tile.bump_epoch()
