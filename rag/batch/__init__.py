"""Question files -> answers, a record each."""
