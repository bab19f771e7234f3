"""What several models need of a runtime."""
