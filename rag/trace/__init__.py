"""What was done on the way to an answer, for whoever looks inside."""
