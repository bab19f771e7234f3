"""Question files answered behind the page."""
