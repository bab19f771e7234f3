"""Files of office programs for tests."""
