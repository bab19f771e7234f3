"""The index and what the page keeps, as one zip file, and back: ``youju backup``, ``youju restore``."""
