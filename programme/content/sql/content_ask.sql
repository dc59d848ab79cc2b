SELECT content.ask($1, $2)
