"""Pages of the web, and what is made of such pages: saved pages and electronic books."""
