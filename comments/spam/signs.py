"""What one sign that a comment is suspicious looks like, wherever it was found."""

from typing import NotRequired, TypedDict


class Signal(TypedDict):
    """One sign. `detail` names what was found; `marks` are those of comments.spam.bayes that weighed most.

    A weight below 0 speaks for the comment.
    """

    name: str
    weight: int
    detail: str
    marks: NotRequired[list[str]]
