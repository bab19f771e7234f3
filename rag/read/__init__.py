"""Question + text -> the span that answers, and how likely it is that one does.

``form`` brings both into tokens, ``weights`` loads, ``network`` computes, ``spans`` decodes, ``reader`` is the story.
Extractive: it cannot say anything that does not stand in the text.
"""

from rag.read.form import Window, heading_line
from rag.read.reader import Reader, Reading, load_reader
from rag.read.spans import Span
from rag.read.weights import SHIPPED

__all__ = ["SHIPPED", "Reader", "Reading", "Span", "Window", "heading_line", "load_reader"]
