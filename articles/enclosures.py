"""Pictures in feeds: as an enclosure, which every reader knows, and as Media RSS, which names credit and caption.

https://www.rssboard.org/media-rss and RFC 4287, 4.2.7.2.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.feedgenerator import Atom1Feed, Enclosure, Rss201rev2Feed

from articles.links import absolute
from articles.models import Edition, EditionImage, Place
from articles.pictures import address, length, shared
from newsroom.lib.html import to_text
from newsroom.lib.xml import speakable

MEDIA = "http://search.yahoo.com/mrss/"


def with_leads(editions: Iterable[Edition]) -> list[Edition]:
    """The editions with the words of their lead images loaded, by one query for all of them."""
    found = list(editions)
    leads = EditionImage.objects.filter(place=Place.LEAD)
    prefetch_related_objects(found, Prefetch("image_uses", leads, to_attr="leads"))
    return found


def item(edition: Edition) -> dict[str, Any]:
    """What a feed's entry says of the picture on top: nothing where it may not be shown, or its file is not there.

    For editions `with_leads`, and with `lead_image` loaded.
    """
    rendition = shared(edition.lead_image)
    size = length(rendition) if rendition else 0
    if rendition is None or not size:
        return {}
    url, kind = absolute(address(rendition)), str(rendition["type"])
    attributes = {"url": url, "type": kind, "medium": "image", "fileSize": str(size)}
    attributes |= {side: str(rendition[side]) for side in ("width", "height")}
    use = next(iter(getattr(edition, "leads", [])), None)
    words = {"credit": use.credit, "description": to_text(use.caption)} if use else {}
    return {"enclosures": [Enclosure(url, str(size), kind)], "media": attributes, "media_words": words}


class _Media:
    """Adds Media RSS to a generator of Django."""

    def root_attributes(self) -> dict[str, str]:
        return super().root_attributes() | {"xmlns:media": MEDIA}  # type: ignore[misc]

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)  # type: ignore[misc]
        if attributes := item.get("media"):
            handler.startElement("media:content", attributes)
            for name, text in item["media_words"].items():
                if text:
                    handler.addQuickElement(f"media:{name}", speakable(text))
            handler.endElement("media:content")


class Atom(_Media, Atom1Feed):
    pass


class Rss(_Media, Rss201rev2Feed):
    pass
