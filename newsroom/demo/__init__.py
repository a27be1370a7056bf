"""A small newsroom to try everything on: its town, its people, its articles and its pictures are invented."""
