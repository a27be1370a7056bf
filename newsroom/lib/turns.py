"""Whose turn it is when jobs queue up: a reader who waits for a mail comes before a hundred pictures."""

# What somebody waits for, or what must be out of sight at once. Done in a moment.
FIRST = 10
# What takes long, and nobody waits for. Everything else has its turn between them.
LAST = -10
