"""Workbooks and other tables as files: what each cell shows, sheet by sheet, and the tables that stand on a sheet."""
