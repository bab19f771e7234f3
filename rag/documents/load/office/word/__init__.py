"""Word documents: the tree made plain, its styles, numbers of lists, tables and lines."""
