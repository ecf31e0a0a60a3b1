"""The typed models of each vendor's answers and requests, made by `pollspec generate`. Nobody edits them."""
