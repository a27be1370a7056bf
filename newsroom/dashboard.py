"""What waits for somebody, on the first page of the admin."""

from typing import Any


def blocks(user: Any) -> list[Any]:
    """The blocks that concern `user`."""
    return []
