"""Evidence -> a checked and cited answer."""
