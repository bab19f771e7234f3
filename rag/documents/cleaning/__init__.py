"""Raw text -> clean text with a map back to raw offsets; only deletes."""
