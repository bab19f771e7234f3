"""What a whole column of a table comes to, where a question asks for it: by code, with the cells cited."""

from rag.answering.columns.reckon import reckon_column
from rag.answering.columns.words import say_column

__all__ = ["reckon_column", "say_column"]
