"""Who is at an article just now, who types there, and whether what is typed starts from the present text.

Browsers ask every few seconds (newsroom/static/newsroom/admin/presence.js). What they say is kept by
newsroom.lib.presence, beside the content database; that is asked only who somebody is, what they may, and which
revision is the present one.
"""

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import BadRequest, PermissionDenied
from django.forms.widgets import Script
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from articles import events
from articles.admin.people import who
from articles.admin.showing import moment, person
from articles.models import Article
from newsroom.lib import presence, slate
from newsroom.lib.presence import Lock, Room, Seat, Window
from newsroom.models import User

# Seconds between two beats of a window; of one in the background. Both stay below presence.SEAT.
EVERY = 12
EVERY_AWAY = 30
SHOWN = 12
KEY = re.compile(r"[0-9]{1,18}")
NOW = "admin/articles/article/presence_now.html"


@dataclass(frozen=True)
class Someone:
    """A colleague who is there, in however many windows."""

    key: str
    name: str
    since: str
    typing: bool
    away: bool


@dataclass(frozen=True)
class Said:
    """A sentence, and a key that stays as long as it tells of the same thing."""

    key: str
    sentence: str


def room_of(article: int) -> str:
    return f"article {article}"


def shown(room: Room, user: User, window: Window | None = None, *, writes: bool = False) -> dict[str, Any]:
    """What presence_now.html shows of `room` to `user`.

    Without `window`, as a page is loaded, nothing is said of their own windows: the one that is being left for
    this page is still there.
    """
    own, holder = str(user.pk), room.lock.person if room.lock else ""
    others = _people(seat for seat in room.seats if seat.person != own)
    listed = [someone for someone in others if someone.key != holder]
    typist = next((someone for someone in others if someone.key == holder), None)
    return {
        "lock": _lock_said(room.lock, own, window),
        "take": room.lock.key if room.lock and writes and window and not _holds(room.lock, window) else "",
        "clash": _types_beside(room, window),
        "holds": _holds(room.lock, window),
        "windows": _windows_said(room, own, window),
        "typist": typist,
        "others": listed[:SHOWN],
        "more": len(listed[SHOWN:]),
        "told": _told_said(room, own),
        "alone": not others,
    }


def _people(seats: Iterable[Seat]) -> list[Someone]:
    """One for each person, first come first."""
    windows: dict[str, list[Seat]] = {}
    for seat in seats:
        windows.setdefault(seat.person, []).append(seat)
    return [
        Someone(
            key=key,
            name=own[0].name,
            since=moment(own[0].since),
            typing=any(seat.typing for seat in own),
            away=all(seat.away for seat in own),
        )
        for key, own in windows.items()
    ]


def _holds(lock: Lock | None, window: Window | None) -> bool:
    return bool(lock and window and (lock.person, lock.window) == (window.person, window.id))


def _types_beside(room: Room, window: Window | None) -> bool:
    """Whether somebody types in `window` while another one holds the lock."""
    if window is None or room.lock is None or _holds(room.lock, window):
        return False
    return any(seat.typing for seat in room.seats if (seat.person, seat.window) == (window.person, window.id))


def _lock_said(lock: Lock | None, own: str, window: Window | None) -> Said | None:
    if lock is None or (lock.person == own and window is None):
        return None
    if lock.person != own:
        sentence = _("{name} is typing here since {time}.")
    elif _holds(lock, window):
        sentence = _("Colleagues see that you are typing here since {time}.")
    else:
        sentence = _("You have this open in another window, typing since {time}.")
    return Said(f"lock {lock.key}", _about(sentence, lock.name, lock.since))


def _about(sentence: str, name: str, at: datetime) -> str:
    """The sentence with {name}, which keeps its own direction, and {time}."""
    return format_html(sentence, name=format_html("<bdi>{}</bdi>", name), time=moment(at))


def _windows_said(room: Room, own: str, window: Window | None) -> str:
    """Of the user's other windows, unless the lock says it already."""
    if window is None or (room.lock and room.lock.person == own and not _holds(room.lock, window)):
        return ""
    others = [seat for seat in room.seats if seat.person == own and seat.window != window.id]
    if not others:
        return ""
    return _about(_("You have this open in another window too, since {time}."), "", others[0].since)


def _told_said(room: Room, own: str) -> Said | None:
    told = room.told
    if told is None:
        return None
    own_words, others = _("You took over in another window at {time}."), _("{name} took over at {time}.")
    first = own_words if told.person == own else others
    kept = _("What you typed is kept; save it as usual. Where both texts were changed, you are shown both.")
    return Said(told.key, format_html("{} {}", _about(first, told.name, told.at), kept))


def newer(article: Article, started_from: str, user: User, *, writes: bool) -> Said | None:
    """Who saved a text after the revision (its key) that somebody has open, if anybody did."""
    revision = article.revision
    if revision is None or not KEY.fullmatch(started_from) or int(started_from) == revision.pk:
        return None
    if revision.author == user:
        first = _("You saved a newer text in another window at {time}.")
    else:
        first = _("{name} saved a newer text at {time}.")
    said = _about(first, str(revision.author or _("Somebody")), revision.at)
    if writes:
        kept = _("Load it; or go on: what you typed is kept, and where both texts were changed, you are shown both.")
        said = format_html("{} {}", said, kept)
    return Said(f"revision {revision.pk}", said)


class PresenceViews(admin.ModelAdmin):
    """The part of the article's admin for it."""

    class Media:
        css = {"all": ["newsroom/admin/presence.css"]}
        js = (Script("newsroom/admin/presence.js", defer=True),)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.presence_view)
        return [path("<path:object_id>/presence/", view, name="articles_article_presence"), *super().get_urls()]

    def presence_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A window's beat: it says how it is with it, and is told who else is there.

        POST `window` and `loaded`, and of `typing`, `away`, `heard`, `take`, `leave` and `based_on` what is so.
        503 where nothing can be kept just now.
        """
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        window = _window(request)
        key = _key(object_id)
        try:
            if "leave" in request.POST:
                presence.leave(room_of(key), window)
                return HttpResponse(status=204)
            return self._beat(request, _readable(who(request), key), window)
        except slate.Unavailable:
            return HttpResponse(status=503)

    def say_saved(self, user: User, article: int) -> None:
        """Nobody need wait for `user` any more. Where presence cannot be kept just now, it ends by itself."""
        with contextlib.suppress(slate.Unavailable):
            presence.rest(room_of(article), str(user.pk))

    def _beat(self, request: HttpRequest, article: Article, window: Window) -> JsonResponse:
        user, asked, room = who(request), request.POST, room_of(article.pk)
        typing, held = "typing" in asked, asked.get("take", "")
        # Asked for only where it matters: it may cost a query.
        writes = bool(typing or held) and self.has_change_permission(request, article)
        if held:
            if not writes:
                raise PermissionDenied
            self._take_over(article, user, window, held)
        seen = presence.beat(room, window, typing=typing and writes, away="away" in asked, heard=asked.get("heard", ""))
        later = newer(article, asked.get("based_on", ""), user, writes=False)
        if not writes and (later or (seen.lock and not _holds(seen.lock, window))):
            writes = self.has_change_permission(request, article)
        if later and writes:
            later = newer(article, asked["based_on"], user, writes=True)
        context = {
            **shown(seen, user, window, writes=writes),
            "newer": later,
            "address": reverse("admin:articles_article_change", args=[article.pk]),
            "asked": True,
        }
        return JsonResponse({"html": render_to_string(NOW, context)})

    def _take_over(self, article: Article, user: User, window: Window, held: str) -> None:
        """Take the lock, and log it where it was a colleague's. Whoever was faster is shown by what follows."""
        try:
            taken = presence.take_over(room_of(article.pk), window, held)
        except presence.Faster:
            return
        if taken and taken.person != str(user.pk):
            note = _("%(name)s was typing since %(time)s.") % {"name": taken.name, "time": moment(taken.since)}
            events.record(article, "take_over", by=user, note=note, data={"from": int(taken.person)})

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Show who is there already as the page is loaded, with no script as well."""
        article = context["original"]
        if article is not None and article.pk:
            context["presence"] = self._at_load(request, article)
        return super().render_change_form(request, context, *args, **kwargs)

    def _at_load(self, request: HttpRequest, article: Article) -> dict[str, Any]:
        about: dict[str, Any] = {
            "address": reverse("admin:articles_article_presence", args=[article.pk]),
            "revision": article.revision_id or "",
            "every": EVERY,
            "every_away": EVERY_AWAY,
        }
        try:
            return about | shown(presence.present(room_of(article.pk)), who(request))
        except slate.Unavailable:
            return about | {"unknown": True}

    # In the list ----------------------------------------------------------------------------

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list with who is at each article of the page, in one read."""
        changes = super().get_changelist_instance(request)
        rows: list[Any] = list(changes.result_list)
        try:
            rooms = presence.present_in(room_of(row.pk) for row in rows)
        except slate.Unavailable:
            rooms = {}
        for row in rows:
            row.at_it = at_it(rooms.get(room_of(row.pk), Room()), who(request))
        return changes


def at_it(room: Room, user: User) -> str:
    """The mark in the list: which colleagues are at an article now, a line for each of the first few.

    Nothing of the user: the form that they may have left for this list a moment ago is still there.
    """
    people = _people(seat for seat in room.seats if seat.person != str(user.pk))
    people.sort(key=lambda someone: not someone.typing)
    lines = format_html_join("", '<div class="at-it{}">{}</div>', map(_line, people[:3]))
    if len(people) > 3:
        lines += format_html('<div class="at-it">{}</div>', _("and %(number)d more") % {"number": len(people) - 3})
    return lines


def _line(someone: Someone) -> tuple[str, str]:
    sentence = _("{} is typing") if someone.typing else _("{} has it open")
    name = format_html("<bdi>{}</bdi>", someone.name)
    return (" at-it-typing" if someone.typing else ""), format_html(sentence, name)


def _window(request: HttpRequest) -> Window:
    """The window that asks, in its browser's own words. Its person is whoever is signed in."""
    user, given, loaded = who(request), request.POST.get("window", ""), request.POST.get("loaded", "0")
    if not re.fullmatch(r"[A-Za-z0-9-]{8,40}", given) or not re.fullmatch(r"[0-9]{1,15}", loaded):
        raise BadRequest(_("This page is out of order. Load it again."))
    return Window(str(user.pk), person(user), given, int(loaded))


def _key(object_id: str) -> int:
    found = unquote(object_id)
    if not KEY.fullmatch(found):
        raise Http404
    return int(found)


def _readable(user: User, key: int) -> Article:
    """The article with its last revision's author and moment, in one query that fetches no text."""
    article: Article | None = (
        Article.objects.readable_by(user)
        .filter(pk=key)
        .select_related("section", "revision__author")
        .only(
            "owner_id",
            "assignee_id",
            "section__name",
            "revision__at",
            "revision__author__username",
            "revision__author__first_name",
            "revision__author__last_name",
        )
        .first()
    )
    if article is None:
        raise Http404
    return article
