"""Words of the page, and text made harmless."""
