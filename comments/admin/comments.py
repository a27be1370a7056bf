"""Comments in the admin: the queue, and one comment with its log. Nothing here adds, edits or deletes one."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.admin.people import who
from articles.models import Edition
from comments import reasons
from comments.admin import cards, filters, queue, statistics
from comments.admin.bulk import BulkViews
from comments.admin.reading import own_articles, readable_by, reads_all, reads_own
from comments.answering import wants_json
from comments.decisions import DECISIONS
from comments.models import Comment, Commenter
from newsroom.lib import clock

LIST = "admin/comments/comment/cards.html"


@admin.register(Comment)
class CommentAdmin(BulkViews, statistics.StatisticsView, admin.ModelAdmin):
    """Its list is the moderators' queue. Authors read what readers say to their own articles."""

    # Who may do what ----------------------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user = who(request)
        if reads_all(user):
            return True
        return reads_own(user) and (obj is None or readable_by(user).filter(pk=obj.pk).exists())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # The queue ----------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """A page of the queue, or of what was asked for; for a script, its cards alone."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        user, words = who(request), reasons.every()
        full = reads_all(user)
        form = filters.FilterForm(request.GET, reasons=[(word.code, str(word)) for word in words], full=full)
        chosen = form.chosen()
        narrow, bounded = filters.narrowing(chosen, full)
        if not full:
            narrow = _among(own_articles(user), narrow)
        groups = filters.groups(chosen, full)
        page = queue.page(groups, narrow, request.GET.get("after", ""))
        found = cards.load(page.keys, user=user, readable=readable_by(user), full=full, groups=page.groups, words=words)
        context = self.card_context(request, words) | {
            "cards": found,
            "groups": {group.name: group.label for group in groups},
            "next": request.get_full_path(),
            "more": _address(request, page.after) if page.after else "",
        }
        if wants_json(request):
            return JsonResponse({"cards": render_to_string(LIST, context, request), "more": context["more"]})
        context |= {
            **self.admin_site.each_context(request),
            "title": _("Comments"),
            "opts": self.opts,
            "form": form,
            "chosen": chosen,
            "searched": filters.SEARCHED_DAYS if bounded else 0,
            "search_all": _address(request, "", older="on"),
            "chips": _chips(request, chosen),
            "full": full,
            "is_queue": groups is queue.WAITING_GROUPS,
            "begins": not request.GET.get("after"),
            "bulk": [row for row in DECISIONS.values() if row.picks is None],
        }
        return TemplateResponse(request, "admin/comments/comment/queue.html", context)

    # One comment --------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One comment with everything that is known of it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        user, words = who(request), reasons.every()
        key = int(object_id) if object_id.isdecimal() and len(object_id) < 19 else 0
        full = reads_all(user)
        found = cards.load([key], user=user, readable=readable_by(user), full=full, words=words)
        if not found:
            if not full and Comment.objects.filter(pk=key).exists():
                raise PermissionDenied
            raise Http404
        labels = {word.code: str(word) for word in words}
        history = found[0].actions
        if len(history) == cards.ACTIONS:  # there may be more than a card shows
            history = list(found[0].comment.actions.select_related("by"))
        context = {
            **self.admin_site.each_context(request),
            **self.card_context(request, words),
            "title": _("Comment"),
            "opts": self.opts,
            "card": found[0],
            "next": request.path,
            "history": [(action, labels.get(action.reason, action.reason)) for action in history],
        }
        return TemplateResponse(request, "admin/comments/comment/detail.html", context)


def _among(own: Any, narrow: queue.Narrow | None) -> queue.Narrow:
    """What `narrow` asks, on no other articles than their own."""

    def narrowed(comments: Any) -> Any:
        comments = comments.filter(article__in=own)
        return narrow(comments) if narrow else comments

    return narrowed


def _address(request: HttpRequest, after: str, **more: str) -> str:
    """Of the page that follows the place `after`, or of the first one, with what else is asked for."""
    asked = request.GET.copy()
    for name, value in {"after": after, **more}.items():
        asked[name] = value
    return f"{request.path}?{asked.urlencode()}"


def _chips(request: HttpRequest, chosen: dict[str, Any]) -> list[dict[str, str]]:
    """What links on comments have chosen, in words, each with the address without it."""
    chips = []
    if "article" in chosen:
        editions = Edition.objects.filter(article=chosen["article"], live_from__lte=clock.now()).order_by("-live_from")
        chips.append(("article", _("Article"), editions.values_list("headline", flat=True).first() or "–"))
    if "commenter" in chosen:
        commenter = Commenter.objects.filter(pk=chosen["commenter"]).first()
        chips.append(("commenter", _("Reader"), _in_whole(commenter) if commenter else "–"))
    return [{"label": label, "words": words, "without": _without(request, name)} for name, label, words in chips]


def _in_whole(commenter: Commenter) -> str:
    """On the page of all that they wrote, which authors do not get, whose address it is."""
    parts = [commenter.name, f"\u2068{commenter.email}\u2069" if commenter.email else ""]
    return " ".join(filter(None, parts)) or str(commenter)


def _without(request: HttpRequest, name: str) -> str:
    kept = [(key, value) for key, value in request.GET.items() if key not in (name, "after")]
    return f"{reverse('admin:comments_comment_changelist')}?{urlencode(kept)}"
