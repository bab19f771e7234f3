"""What a whole column of a table comes to, where a question asks for it: by code, with the cells cited."""

from rag.answering.columns.reckon import needs_whole_column, reckon_column
from rag.answering.columns.words import say_column

__all__ = ["needs_whole_column", "reckon_column", "say_column"]
