"""What is asked. Knows no index."""
