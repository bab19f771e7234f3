"""youju: answers only from given documents, citing the exact place of every statement."""
