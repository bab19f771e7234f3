"""Files of formats, made by code."""
