-- Known syllables within two edits of $1, fewest edits first.
SELECT word, levenshtein_less_equal(word, $1::text, 2) AS edits
FROM (SELECT DISTINCT word FROM pub.search_word WHERE length(word) BETWEEN length($1::text) - 2 AND length($1::text) + 2) w
WHERE levenshtein_less_equal(word, $1::text, 2) <= 2
ORDER BY edits, (left(word, 1) <> left($1::text, 1)), word
LIMIT 60
