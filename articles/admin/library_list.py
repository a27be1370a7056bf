"""The library as a grid: what each card says, and what can be looked for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.admin.library_uses import in_use
from articles.admin.showing import moment, whole
from articles.models import Image
from newsroom.lib import clock

# Rights that end within this time are looked after now.
SOON = timedelta(days=30)

# Name in the address, label, and what it finds.
FILTERS: list[tuple[str, Any, Callable[[HttpRequest], Q]]] = [
    ("alt", _("without alt text"), lambda request: Q(alt="", decorative=False)),
    ("credit", _("without credit"), lambda request: Q(credit="")),
    ("ending", _("rights ending"), lambda request: Q(rights_until__lt=clock.now() + SOON)),
    ("barred", _("may not be used"), lambda request: ~Q(rights_denied="") | Q(rights_until__lte=clock.now())),
    ("down", _("taken down"), lambda request: Q(killed_at__isnull=False)),
    ("unused", _("unused"), lambda request: ~in_use()),
    ("animated", _("animated"), lambda request: Q(frames__gt=1)),
    ("mine", _("uploaded by me"), lambda request: Q(uploaded_by=request.user)),
]


class LibraryFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, label) for name, label, _finds in FILTERS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        for name, _label, finds in FILTERS:
            if name == self.value():
                return queryset.filter(finds(request))
        return queryset


@dataclass(frozen=True)
class Mark:
    """What a card warns of, in a word or two. `kind`: lacks, barred, ending or note."""

    kind: str
    said: str


@dataclass(frozen=True)
class Card:
    """A picture in the grid."""

    image: Image
    address: str
    marks: list[Mark]
    src: str = ""

    @property
    def size(self) -> str:
        return f"{self.image.width} × {self.image.height}"


def card(image: Image, address: str = "") -> Card:
    """The picture in small with what it lacks. Asks the database for nothing."""
    smallest = min(whole(image), key=lambda rendition: rendition["width"], default=None)
    return Card(image, address, marks(image), f"{settings.MEDIA_URL}{smallest['path']}" if smallest else "")


def cards(changelist: Any) -> list[Card]:
    """Those of a change list's page, each leading to its form and from there back to this very list."""
    kept = {"preserved_filters": changelist.preserved_filters, "opts": changelist.opts}
    return [
        card(image, add_preserved_filters(kept, changelist.url_for_result(image), changelist.is_popup))
        for image in changelist.result_list
    ]


def marks(image: Image) -> list[Mark]:
    found = [_rights(image)]
    if not image.alt and not image.decorative:
        found.append(Mark("lacks", gettext("no alt text")))
    if not image.credit:
        found.append(Mark("lacks", gettext("no credit")))
    if image.decorative:
        found.append(Mark("note", gettext("decorative")))
    if image.frames > 1:
        found.append(Mark("note", gettext("animated: readers see its first picture")))
    return [mark for mark in found if mark]


def _rights(image: Image) -> Mark | None:
    """What stands in the way of using it, or will soon."""
    now = clock.now()
    if image.killed_at:
        return Mark("barred", gettext("taken down"))
    if image.rights_denied:
        return Mark("barred", gettext("may not be used: %(reason)s") % {"reason": image.rights_denied})
    if image.rights_until is None:
        return None
    said = {"moment": moment(image.rights_until)}
    if image.rights_until <= now:
        return Mark("barred", gettext("rights ended: %(moment)s") % said)
    return Mark("ending" if image.rights_until < now + SOON else "note", gettext("until %(moment)s") % said)
