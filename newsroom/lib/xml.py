"""What XML can hold."""

# XML 1.0 cannot hold these, not even escaped.
UNSPEAKABLE = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535))


def speakable(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return text.translate(UNSPEAKABLE)
