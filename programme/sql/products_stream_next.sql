-- The next rows of the cursor that products_stream opened in this transaction.
FETCH 1000 FROM products_stream
