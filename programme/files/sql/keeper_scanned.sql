UPDATE files.file SET scan = $2 WHERE sha256 = $1 AND scan = 'waiting'
