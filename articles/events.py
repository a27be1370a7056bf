"""The append-only record of what was done to an article, and what to say when a colleague was faster."""

from typing import Any

from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from articles.models import Article, Event
from newsroom.lib import clock
from newsroom.models import User


class Stale(Exception):
    """Somebody else was faster. As text: who, what and how long ago."""

    def __init__(self, article: Article) -> None:
        self.article = article
        super().__init__(_last_change(article))


def record(
    article: Article, verb: str, *, by: User | None, before: str = "", after: str = "", note: str = "", **about: Any
) -> Event:
    """Append one event; `about` may name the revision and the edition."""
    return Event.objects.create(
        article=article, verb=verb, by=by, at=clock.now(), from_state=before, to_state=after, note=note, **about
    )


def _last_change(article: Article) -> str:
    event = article.events.select_related("by").first()
    revision = article.revisions.select_related("author").first()
    if event and (not revision or event.at >= revision.at):
        who, what, at = event.by, event.verb, event.at
    elif revision:
        who, what, at = revision.author, _("save"), revision.at
    else:
        return _("A colleague has changed this article in the meantime. Load it again to see how it stands now.")
    return _(
        "%(who)s was faster: “%(what)s”, %(ago)s ago. Load the article again to see how it stands now; "
        "nothing of yours was saved over it."
    ) % {"who": who or _("Somebody"), "what": what, "ago": timesince(at, clock.now())}
