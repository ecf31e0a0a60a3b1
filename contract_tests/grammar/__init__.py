"""What a document is written in, and both the polite server and the judge read: pointers, expressions, conditions."""
