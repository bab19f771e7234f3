"""Where passages, vectors and words lie."""
