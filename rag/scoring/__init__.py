"""One calibrated probability that a sentence answers a question, learned: features, model, weights."""
