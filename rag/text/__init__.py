"""Rules of text, one a file: pure functions that import nothing of rag but its errors."""
