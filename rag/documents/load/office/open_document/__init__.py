"""OpenDocument texts and presentations: styles, numbers of lists, tables and lines."""
