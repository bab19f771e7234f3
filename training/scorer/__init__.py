"""Learn the weights of the scorer (:mod:`rag.scoring`) from gold questions over indexes."""
