"""What a path answers at which nothing is live: moved, withdrawn, expired, or never heard of."""

from dataclasses import dataclass

from articles.models import Address, Edition, Withdrawal
from newsroom.lib import clock


@dataclass(frozen=True)
class Moved:
    """The article is live elsewhere."""

    path: str


@dataclass(frozen=True)
class Gone:
    """The article was live and is not any more. `notice` is the withdrawal's, or empty after an expiry."""

    notice: str = ""


def whereabouts(paths: list[str]) -> Moved | Gone | None:
    """What became of the article that one of `paths` belongs to; None if readers never met it.

    Where several are known, the first of `paths` counts.
    """
    known = Address.objects.filter(path__in=paths)
    address = min(known, key=lambda address: paths.index(address.path), default=None)
    if address is None or _only_planned(address):
        return None
    live = Edition.objects.live().filter(article=address.article_id).first()
    if live is not None:
        return Moved(live.path)
    return _gone(address.article_id)


def _only_planned(address: Address) -> bool:
    """Whether the path is that of editions readers have not seen: it must not tell that they exist."""
    editions = Edition.objects.filter(path=address.path)
    return editions.exists() and not editions.filter(live_from__lte=clock.now()).exists()


def _gone(article_id: int) -> Gone | None:
    seen = Edition.objects.filter(article=article_id, live_from__lte=clock.now())
    withdrawal = Withdrawal.objects.filter(article=article_id, lifted_at=None).first()
    if withdrawal is not None:
        # Withdrawn before its first second, it stays as unknown as it was.
        return Gone(withdrawal.notice) if seen.filter(live_from__lte=withdrawal.at).exists() else None
    return Gone() if seen.exists() else None
