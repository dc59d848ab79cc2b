-- The stamp of what this reader sees; see data/migrations/0031.
SELECT pub.figure_stamp()
