"""A file becomes passages: loading, cleaning, structure, chunks."""
