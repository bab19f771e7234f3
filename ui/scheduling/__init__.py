"""One queue for pages, API, tools and batches."""
