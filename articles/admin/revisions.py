"""Revisions of an article: what was saved, what changed, and taking one up again."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from articles.admin.people import who
from articles.admin.showing import moment, person, thumbnail
from articles.diff import FOR_COLLEAGUES, Comparison, Names, compare
from articles.events import Stale, saved_meanwhile
from articles.lineage import Lineage
from articles.models import Article, Image, Revision
from articles.restoring import restore
from articles.states import Public, Status
from newsroom.lib import clock
from newsroom.lib.paging import NoCountPaginator

PAGE = 20
# How many words differ between two revisions never changes: neither of them does.
REMEMBERED = 30 * 24 * 3600


@dataclass(frozen=True)
class Row:
    """A revision in the list."""

    revision: Revision
    by: str
    at: str
    # The number of the one that its text came from; None for the first.
    came_from: int | None
    # Of the revision whose changes were taken in besides.
    merged: int | None
    added: int
    removed: int
    marks: list[tuple[str, str]]
    present: bool


class RevisionViews(admin.ModelAdmin):
    """The part of the article's admin for it."""

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("<path:object_id>/compare/", wrap(self.compare_view), name="articles_article_compare"),
            path("<path:object_id>/restore/", wrap(self.restore_view), name="articles_article_restore"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        article = context["original"]
        if article is not None and article.pk:
            compare_address = _compare_address(article)
            public = context.get("public")
            live = context["timeline"].live if "timeline" in context else None
            unlike = public in (Public.LIVE, Public.LIVE_UPDATE) and not (
                live and live.revision_id == context["article"].revision_id
            )
            fixable = public == Public.LIVE_UPDATE and self.has_change_permission(request, article)
            context["text_links"] = {
                "history": reverse("admin:articles_article_history", args=[article.pk]),
                "since_live": compare_address if unlike else "",
                "fix": f"{compare_address}#fix" if fixable and _holds_an_update(article) else "",
            }
        return super().render_change_form(request, context, *args, **kwargs)

    # What was saved -----------------------------------------------------------------------

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """All revisions, newest first, a page at a time."""
        article = self._readable(request, object_id)
        saved = article.revisions.select_related("author", "parent", "merged")
        saved = saved.defer("content", "parent__content", "merged__content")
        page = NoCountPaginator(saved, PAGE).get_page(request.GET.get("page", 1))
        context = {
            "title": _("Revisions"),
            "page": page,
            "rows": _rows(article, list(page.object_list)),
            "compare_address": _compare_address(article),
        }
        return self._answer(request, article, "revisions", context | (extra_context or {}))

    # What changed -------------------------------------------------------------------------

    def compare_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """`?from=3&to=5`, numbers of revisions. Without: what changed since the live edition, in the working copy."""
        article = self._readable(request, object_id)
        live = _live(article)
        present = article.revisions.select_related("author").filter(pk=article.revision_id).first()
        after = _numbered(article, request.GET.get("to")) or present
        before = _numbered(article, request.GET.get("from"))
        if before is None and not request.GET.get("from"):
            before = live if live and live != after else _parent(after)
        if after is None:
            raise Http404
        context = {
            "title": _("What changed"),
            "before": _told(before),
            "after": _told(after),
            "since_live": bool(before and before == live and after == present),
            "difference": _compared(before, after),
            "numbers": article.revisions.values_list("number", flat=True)[:500],
            **self._offers(request, article, present, live, before, after),
        }
        return self._answer(request, article, "compare", context)

    def _offers(
        self,
        request: HttpRequest,
        article: Any,
        present: Revision | None,
        live: Revision | None,
        before: Revision | None,
        after: Revision,
    ) -> dict[str, Any]:
        """What may be taken up again from here: of the two the one that is not the present text; what is live."""
        if not self.has_change_permission(request, article):
            return {}
        fix = live if live != present and _holds_an_update(article) else None
        other = after if after != present else before
        return {
            "based_on": article.revision_id or "",
            "fix": fix,
            "restorable": other if other not in (None, present, fix) else None,
            "voids": {Status.APPROVED: "approval", Status.IN_REVIEW: "review"}.get(article.status, ""),
        }

    # Taking one up again ------------------------------------------------------------------

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """POST `revision` (a number), `based_on` (the key of the present one as it was shown), `reason`."""
        article = self._readable(request, object_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request, article):
            raise PermissionDenied
        revision = _numbered(article, request.POST.get("revision"))
        based_on = request.POST.get("based_on", "")
        if revision is None or not based_on.isdecimal() or len(based_on) > 18:
            raise Http404
        reason = " ".join(request.POST.get("reason", "").split())
        try:
            found = restore(article, revision, by=who(request), based_on=int(based_on), reason=reason)
        except Stale:
            said = saved_meanwhile(article, who(request))
            again = _("Nothing was restored. Look at what changed, and restore it again if it is still right.")
            self.message_user(request, f"{said} {again}", messages.ERROR)
            return HttpResponseRedirect(_compare_address(article, to=revision.number, **{"from": _latest(article)}))
        for sentence in found.left_out:
            self.message_user(request, sentence, messages.WARNING)
        named = {"old": revision.number, "new": found.revision.number}
        if found.revision == revision or found.revision.pk == int(based_on):
            done = _("Nothing changed: the text was the same already.")
        else:
            done = _("Revision %(old)d is the working copy again, as revision %(new)d.") % named
        self.message_user(request, done, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))

    # All of them --------------------------------------------------------------------------

    def _readable(self, request: HttpRequest, object_id: str) -> Any:
        article = self.get_object(request, unquote(object_id))
        if article is None:
            raise Http404
        if not self.has_view_or_change_permission(request, article):
            raise PermissionDenied
        return article

    def _answer(self, request: HttpRequest, article: Article, name: str, context: dict[str, Any]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "subtitle": article.headline,
            "opts": self.opts,
            "article": article,
            "change_address": reverse("admin:articles_article_change", args=[article.pk]),
            "history_address": reverse("admin:articles_article_history", args=[article.pk]),
            "restore_address": reverse("admin:articles_article_restore", args=[article.pk]),
            **context,
        }
        return TemplateResponse(request, f"admin/articles/article/{name}.html", context)


def _holds_an_update(article: Any) -> bool:
    """Whether the working copy holds what waits to be published, so that a fix of it would bring that too early."""
    planned = article.editions.waiting(clock.now()).filter(at_once=False).values_list("before_merge", "revision")
    waiting = [before or revision for before, revision in planned]
    if not waiting or not article.revision_id:
        return False
    family = Lineage(article)
    return any(family.holds(article.revision_id, revision) for revision in waiting)


def _compare_address(article: Article, **numbers: int) -> str:
    address = reverse("admin:articles_article_compare", args=[article.pk])
    return f"{address}?{urlencode(numbers)}" if numbers else address


def _numbered(article: Article, number: str | None) -> Revision | None:
    """The article's revision of that number; None where none is asked for. Raises Http404 where there is none."""
    if not number:
        return None
    if not number.isdecimal() or len(number) > 9:
        raise Http404
    found: Revision | None = article.revisions.select_related("author").filter(number=int(number)).first()
    if found is None:
        raise Http404
    return found


def _parent(revision: Revision | None) -> Revision | None:
    key = revision.parent_id if revision else None
    return Revision.objects.select_related("author").filter(pk=key).first() if key else None


def _live(article: Article) -> Revision | None:
    edition = article.editions.live_at(clock.now()).select_related("revision__author").first()
    return edition.revision if edition else None


def _latest(article: Article) -> int:
    return int(Article.objects.values_list("revision__number", flat=True).get(pk=article.pk) or 0)


def _told(revision: Revision | None) -> dict[str, Any] | None:
    if revision is None:
        return None
    by, at = person(revision.author), moment(revision.at)
    return {"number": revision.number, "by": by, "at": at, "reason": revision.reason}


def _compared(before: Revision | None, after: Revision) -> Comparison:
    contents = [revision.content for revision in (before, after) if revision]
    return compare(
        before.content if before else None,
        after.content,
        names=Names.of(contents),
        pictures=thumbnails(contents),
        fields=FOR_COLLEAGUES,
    )


def thumbnails(contents: list[dict[str, Any]]) -> dict[int, SafeString]:
    """A small picture of each image that the contents name, as far as the library has one."""
    keys = {use["image"] for content in contents for use in content["images"]}
    found = Image.objects.in_bulk(keys) if keys else {}
    return {key: SafeString(shown) for key, image in found.items() if (shown := thumbnail(image))}


def _rows(article: Any, saved: list[Revision]) -> list[Row]:
    marks = _marks(article, saved)
    counts = _counts(saved)
    return [
        Row(
            revision=revision,
            by=person(revision.author),
            at=moment(revision.at),
            came_from=revision.parent.number if revision.parent else None,
            merged=revision.merged.number if revision.merged else None,
            added=counts[revision.pk][0],
            removed=counts[revision.pk][1],
            marks=marks.get(revision.pk, []),
            present=revision.pk == article.revision_id,
        )
        for revision in saved
    ]


def _marks(article: Any, saved: list[Revision]) -> dict[int, list[tuple[str, str]]]:
    """Of each revision: what readers see or will see of it, and whether it is approved."""
    now = clock.now()
    marks: dict[int, list[tuple[str, str]]] = {}
    for edition in article.editions.filter(revision__in=saved, cancelled_at=None).order_by("starts_at", "pk"):
        if edition.held_at:
            mark = ("held", _("held back"))
        elif edition.live_from is None:
            continue
        elif edition.live_from > now:
            mark = ("scheduled", _("scheduled for %(time)s") % {"time": moment(edition.live_from)})
        elif edition.live_until is None or edition.live_until > now:
            hidden = article.public == Public.WITHDRAWN
            mark = ("withdrawn", _("withdrawn")) if hidden else ("live", _("live"))
        else:
            mark = ("past", _("was live"))
        found = marks.setdefault(edition.revision_id, [])
        if mark not in found:
            found.append(mark)
    approved = set(article.approvals.values_list("content_hash", flat=True))
    for revision in saved:
        if revision.content_hash in approved:
            marks.setdefault(revision.pk, []).append(("approved", _("approved")))
    return marks


def _counts(saved: list[Revision]) -> dict[int, tuple[int, int]]:
    """Words added and removed by each revision against the one it came from; counted once, and remembered."""
    names = {
        revision.pk: f"words-{revision.content_hash}-{revision.parent.content_hash if revision.parent else ''}"
        for revision in saved
    }
    known = cache.get_many(names.values())
    missing = [revision for revision in saved if names[revision.pk] not in known]
    keys = {key for revision in missing for key in (revision.pk, revision.parent_id) if key}
    contents = dict(Revision.objects.filter(pk__in=keys).values_list("pk", "content")) if keys else {}
    counted = {names[revision.pk]: _counted(contents, revision) for revision in missing}
    if counted:
        cache.set_many(counted, REMEMBERED)
    found = known | counted
    return {key: found[name] for key, name in names.items()}


def _counted(contents: dict[int, dict[str, Any]], revision: Revision) -> tuple[int, int]:
    found = compare(contents.get(revision.parent_id or 0), contents[revision.pk], names=Names())
    return found.words_added, found.words_removed
