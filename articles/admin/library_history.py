"""What was done to a picture, told as sentences."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import DateTimeField
from django.utils.dateparse import parse_datetime
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from articles.admin.showing import moment, person
from articles.models import Image, ImageEvent

MOST = 30
VALUE_CHARS = 80


@dataclass(frozen=True)
class Told:
    """Who did it and when, and what it was: a sentence, and one more for each value that changed."""

    who: str
    at: str
    said: str
    note: str
    changes: list[str]


def history(image: Image) -> list[Told]:
    """The newest first. Costs one query."""
    return [_told(event) for event in image.events.select_related("by").order_by("-at", "-pk")[:MOST]]


def _told(event: ImageEvent) -> Told:
    said = {
        "upload": _("taken into the library"),
        "words": _("changed"),
        "bulk": _("changed together with others"),
        "replace": _("another file put in its place"),
        "kill": _("taken down"),
        "restore": _("brought back"),
    }.get(event.verb, event.verb)
    return Told(person(event.by), moment(event.at), said, event.note, list(_changes(event)))


def _changes(event: ImageEvent) -> Iterator[str]:
    data: dict[str, Any] = event.data
    if event.verb == "kill" and data.get("notice"):
        yield _("Readers see: “%(notice)s”") % {"notice": data["notice"]}
    if event.verb == "replace":
        yield _("Before: %(name)s, %(width)s × %(height)s") % {
            "name": data.get("file_name") or "–",
            "width": data.get("width"),
            "height": data.get("height"),
        }
    if event.verb not in ("words", "bulk"):
        return
    for name, (before, after) in data.items():
        field: Any = Image._meta.get_field(name)
        dated = isinstance(field, DateTimeField)
        yield _("%(field)s: %(before)s → %(after)s") % {
            "field": capfirst(field.verbose_name),
            "before": _value(before, dated),
            "after": _value(after, dated),
        }


def _value(value: Any, dated: bool) -> str:
    if value in ("", None):
        return _("(empty)")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float):
        return f"{value:.2f}"
    if dated:
        return moment(parse_datetime(value))
    return f"“{Truncator(str(value)).chars(VALUE_CHARS)}”"
