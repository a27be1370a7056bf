"""Issues of newsletters: how they come to be, what is in them, and what may happen to them."""
