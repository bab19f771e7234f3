"""The server and its routes."""
