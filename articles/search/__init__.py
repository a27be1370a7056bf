"""Search: what editions are found by (terms, index), what readers ask for (query, views), and what they are shown."""
