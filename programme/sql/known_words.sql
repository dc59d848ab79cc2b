-- Which of the words $1 begin a known syllable.
SELECT w.word FROM unnest($1::text[]) w (word)
WHERE EXISTS (SELECT FROM pub.search_word s WHERE s.word >= w.word COLLATE "C" AND s.word < (w.word || '{') COLLATE "C")
