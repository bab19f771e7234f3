"""Documents shown with the cited span."""
