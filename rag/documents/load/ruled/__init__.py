"""Tables in pages that are drawn: lines that rule them, cells between the lines, rows in words."""
