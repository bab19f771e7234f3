"""Exams made from documents themselves: questions by rule from their sentences, and what an index makes of them."""
