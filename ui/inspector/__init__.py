"""The look inside an answer."""
