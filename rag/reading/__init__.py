"""The extractive reader: evidence -> spans that may answer."""
