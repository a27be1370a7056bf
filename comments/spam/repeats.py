"""The same words again, under other articles or from other networks: advertising, or a campaign."""

from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext_noop

from comments.models import Comment
from comments.spam import bayes
from comments.spam.signs import Signal
from comments.states import State
from newsroom.lib import clock

# Everybody says “I agree”. Longer words are somebody's own.
LEAST_LETTERS = 40
LOOKED_BACK = timedelta(days=30)
MOST = 50

NAME = "repeats"
LABELS = {NAME: gettext_noop("The same words under other articles or from other networks")}


def key_of(body: str) -> int | None:
    """A number that is the same for the same words, whatever stands between them; None for a few words."""
    said = "".join(letter for letter in bayes.folded(body) if letter.isalnum())
    return bayes.key(said) if len(said) >= LEAST_LETTERS else None


def signals(comment: Comment) -> list[Signal]:
    """What else was said in the same words, not counting this network under this article. One query at most."""
    if comment.words is None:
        return []
    same_place = Q(article=comment.article_id, address_prefix=comment.address_prefix)
    others = Comment.objects.filter(words=comment.words, created_at__gte=clock.now() - LOOKED_BACK)
    states = list(others.exclude(same_place).exclude(pk=comment.pk).values_list("state", flat=True)[:MOST])
    if not states:
        return []
    weight = 60 if State.SPAM in states else min(60, 20 + 10 * len(states))
    return [{"name": NAME, "weight": weight, "detail": str(len(states))}]
