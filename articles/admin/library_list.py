"""The library as a grid: what each card says, and what can be looked for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles import editor
from articles.admin.library_uses import in_use
from articles.admin.showing import moment
from articles.models import Image
from articles.models.image import RIGHTS_SOON
from articles.states import Bar
from newsroom.lib import clock

# Name in the address, label, and what it finds.
FILTERS: list[tuple[str, Any, Callable[[HttpRequest], Q]]] = [
    ("alt", _("without alt text"), lambda request: Q(alt="", decorative=False)),
    ("credit", _("without credit"), lambda request: Q(credit="")),
    ("ending", _("rights ending"), lambda request: Q(rights_until__lt=clock.now() + RIGHTS_SOON)),
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
    return Card(image, address, marks(image), editor.source(image))


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
    said = {"reason": image.rights_denied, "moment": image.rights_until and moment(image.rights_until)}
    match image.bar(now):
        case Bar.KILLED:
            return Mark("barred", gettext("taken down"))
        case Bar.DENIED:
            return Mark("barred", gettext("may not be used: %(reason)s") % said)
        case Bar.ENDED:
            return Mark("barred", gettext("rights ended: %(moment)s") % said)
    if image.rights_until is None:
        return None
    return Mark("ending" if image.rights_until < now + RIGHTS_SOON else "note", gettext("until %(moment)s") % said)
