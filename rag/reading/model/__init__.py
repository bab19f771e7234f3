"""Find the span of a text that answers a question, and the probability that one does.

``form`` brings both into tokens, ``weights`` loads, ``network`` computes, ``spans`` decodes, ``reader`` is the story.
Extractive: it cannot say anything that does not stand in the text.
"""

from rag.reading.model.reader import Reader, Reading, load_reader
from rag.reading.model.spans import Span
from rag.reading.model.tokens import Window, heading_line
from rag.reading.model.weights import SHIPPED

__all__ = ["SHIPPED", "Reader", "Reading", "Span", "Window", "heading_line", "load_reader"]
