"""Documents that users add and remove."""
