"""The typed models of each vendor, made by `pollspec generate`. Nobody edits them."""
