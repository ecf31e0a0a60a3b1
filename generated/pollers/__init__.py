"""The pollers of each vendor, made by `pollspec generate`. Nobody edits them."""
