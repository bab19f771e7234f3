"""The nouns of youju, as frozen dataclasses."""
