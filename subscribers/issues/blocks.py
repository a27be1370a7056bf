"""What stands in an issue: its articles as readers see them, in their order and in the editor's words."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from articles.models import Edition, EditionImage, Image, Place
from articles.pictures import FALLBACK, usable
from newsroom.lib import clock
from subscribers.models import Issue, IssueItem

# How wide a picture is shown in a mail, and which shape it is cut to where there is such a crop.
WIDTH = 560
SHAPE = "16x9"
# In a digest the articles after these are told by their headlines alone.
IN_FULL = 12


@dataclass(frozen=True)
class Shown:
    """A picture of a block: a file that exists, and its size as shown."""

    image: int
    path: str
    width: int
    height: int
    alt: str
    credit: str
    decorative: bool


@dataclass(frozen=True)
class Block:
    """An article in an issue. `brief`: its headline alone."""

    article: int
    edition: int
    section: str
    headline: str
    text: str
    path: str
    language: str
    image: Shown | None
    brief: bool

    def frozen(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Gathered:
    """The blocks of an issue, and the rows of which readers cannot see the article."""

    blocks: list[Block]
    missing: list[IssueItem]


def gather(issue: Issue, moment: datetime | None = None) -> Gathered:
    """What the issue would show to whoever reads it at `moment` (now). Costs four queries."""
    items = list(issue.items.select_related("article"))
    live = live_editions([item.article_id for item in items], moment)
    blocks: list[Block] = []
    missing: list[IssueItem] = []
    for item in items:
        if edition := live.get(item.article_id):
            blocks.append(_block(item, edition, brief=issue.is_digest and len(blocks) >= IN_FULL))
        else:
            missing.append(item)
    return Gathered(blocks, missing)


def live_editions(articles: Iterable[int], moment: datetime | None = None) -> dict[int, Edition]:
    """What readers see of these articles at `moment` (now), by the articles' keys, with their lead images."""
    leads = Prefetch("image_uses", EditionImage.objects.filter(place=Place.LEAD).select_related("image"))
    found = Edition.objects.live_at(moment or clock.now()).filter(article__in=list(articles))
    return {edition.article_id: edition for edition in found.select_related("section").prefetch_related(leads)}


def live_paths(articles: Sequence[int], moment: datetime | None = None) -> dict[int, str]:
    """Where readers find these articles at `moment` (now), by their keys. One query."""
    live = Edition.objects.live_at(moment or clock.now()).filter(article__in=articles)
    return dict(live.values_list("article_id", "path"))


def no_longer_live(articles: Sequence[int], moment: datetime | None = None) -> set[int]:
    """Those of these articles that readers do not see at `moment` (now). One query."""
    return set(articles) - live_paths(articles, moment).keys()


def no_longer_usable(images: Sequence[int], moment: datetime | None = None) -> set[int]:
    """Those of these pictures that nobody may be shown at `moment` (now). One query."""
    found = Image.objects.usable(moment or clock.now()).filter(pk__in=images)
    return set(images) - set(found.values_list("pk", flat=True))


def _block(item: IssueItem, edition: Edition, *, brief: bool) -> Block:
    lead = next(iter(edition.image_uses.all()), None)
    return Block(
        article=edition.article_id,
        edition=edition.pk,
        section=edition.section.name,
        headline=item.headline or edition.headline,
        text="" if brief else item.text or edition.standfirst,
        path=edition.path,
        language=edition.language,
        image=None if brief else shown(lead),
        brief=brief,
    )


def shown(use: EditionImage | None) -> Shown | None:
    """The picture in a size for mails, if readers may see it and it has been made in one."""
    if use is None or not usable(use.image):
        return None
    made = [
        r for r in use.image.renditions if r.get("path") and r.get("height") and r["width"] and r["type"] in FALLBACK
    ]
    found = [r for r in made if r.get("crop") == SHAPE] or [r for r in made if not r.get("crop")]
    if not found:
        return None
    # Twice the dots of its box, for sharp screens, and no more.
    sharp = [r for r in found if r["width"] >= 2 * WIDTH]
    chosen = min(sharp, key=lambda r: r["width"]) if sharp else max(found, key=lambda r: r["width"])
    _caption, alt, credit = use.words()
    decorative = use.image.decorative and not use.alt
    width = min(WIDTH, chosen["width"])
    return Shown(
        image=use.image_id,
        path=chosen["path"],
        width=width,
        height=max(1, round(chosen["height"] * width / chosen["width"])),
        alt="" if decorative else alt,
        credit=credit,
        decorative=decorative,
    )
