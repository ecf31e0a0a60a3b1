"""One running operation, watched to its end."""
