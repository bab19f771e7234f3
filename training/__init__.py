"""Trains the reader: data folder -> examples -> low-rank weights that ``rag.reading.model`` loads.

Run it with ``make reader`` or ``python -m training``. Nothing in ``rag`` imports this package, and the data that it
reads is not part of the project; see ``training/README.md``.
"""
