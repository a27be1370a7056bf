"""One decision on many comments: a result for each, and an undo for all that were done."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from articles.admin.people import who
from comments import decisions, moderation, reasons
from comments.admin import cards
from comments.admin.deciding import CARD, DecidingViews, Outcome
from comments.admin.forms import BULK, BulkForm, parse_chosen
from comments.admin.reading import may_moderate, readable_by
from comments.answering import wants_json
from comments.forms import written_versions
from comments.models import Comment
from comments.states import UNDO, WAITING
from newsroom.models import User


@dataclass(frozen=True)
class Row:
    """What became of one comment."""

    key: int
    comment: Comment | None
    said: str
    done: bool

    @property
    def chosen(self) -> str:
        """As a form names it, at the versions that it has now."""
        return f"{self.key}.{written_versions(self.comment)}" if self.comment else ""


class BulkViews(DecidingViews):
    """The part of the comments' admin for it."""

    def get_urls(self) -> list[URLPattern]:
        bulk = self.admin_site.admin_view(require_POST(self.bulk_view))
        return [path("bulk/", bulk, name="comments_comment_bulk"), *super().get_urls()]

    def bulk_view(self, request: HttpRequest) -> HttpResponse:
        """POST of `chosen` rows and a decision, or the undo of one. Sent twice, the second time finds all stale."""
        if not may_moderate(request):
            raise PermissionDenied
        form = BulkForm(request.POST)
        chosen = [parsed for written in request.POST.getlist("chosen")[:BULK] if (parsed := parse_chosen(written))]
        if not form.is_valid() or not chosen:
            sentence = _("Nothing was decided. Choose comments and a decision, then send it again.")
            return self._bulk_answered(request, sentence, [], undoable=False)
        decision, reason = form.cleaned_data["decision"], form.cleaned_data["reason"]
        rows = list(_decide_each(chosen, decision, reason, who(request)))
        return self._bulk_answered(request, _summed_up(rows, decision), rows, undoable=decision != UNDO)

    def _bulk_answered(self, request: HttpRequest, said: str, rows: list[Row], *, undoable: bool) -> HttpResponse:
        done = [row for row in rows if row.done]
        undo = [row.chosen for row in done] if undoable else []
        if wants_json(request):
            answers = self._cards(request, rows)
            return JsonResponse({"said": said, "done": bool(done), "rows": answers, "undo": undo})
        context = {
            **self.admin_site.each_context(request),
            "title": _("A decision on many comments"),
            "opts": self.opts,
            "said": said,
            "rows": rows,
            "undo": undo,
        }
        return TemplateResponse(request, "admin/comments/comment/bulk.html", context)

    def _cards(self, request: HttpRequest, rows: list[Row]) -> list[dict[str, Any]]:
        user, words = who(request), reasons.every()
        keys = [row.key for row in rows]
        found = cards.load(keys, user=user, readable=readable_by(user), full=True, words=words)
        of = {card.comment.pk: card for card in found}
        context = self.card_context(request, words) | {"next": request.POST.get("next", "")}
        return [
            {"key": row.key, "done": row.done, "card": _drawn(request, context, of[row.key], row)}
            for row in rows
            if row.key in of
        ]


def _drawn(request: HttpRequest, context: dict[str, Any], card: cards.Card, row: Row) -> str:
    outcome = Outcome(row.said, done=row.done, settles=row.done and card.comment.state not in WAITING)
    return render_to_string(CARD, context | {"card": card, "outcome": outcome}, request)


def _decide_each(chosen: Iterable[tuple[int, tuple[int, int]]], decision: str, reason: str, by: User) -> Iterable[Row]:
    """Each by itself, so that one that fails stands in nobody's way."""
    seen = dict(chosen)
    comments = Comment.objects.in_bulk(list(seen))
    for key, versions in seen.items():
        comment = comments.get(key)
        if comment is None:
            yield Row(key, None, _("This comment is not there any more."), done=False)
            continue
        try:
            if decision == UNDO:
                moderation.undo(comment, by=by, expected=versions)
            else:
                moderation.decide(comment, decision, by=by, expected=versions, reason=reason)
        except moderation.Refused as refusal:
            yield Row(key, comment, str(refusal), done=False)
        else:
            said = _("It is now %(state)s.") % {"state": comment.get_state_display()}
            yield Row(key, comment, said, done=True)


def _summed_up(rows: list[Row], decision: str) -> str:
    done = sum(row.done for row in rows)
    label = _("Undo") if decision == UNDO else decisions.DECISIONS[decision].label
    said = ngettext("“%(label)s”: %(count)d comment.", "“%(label)s”: %(count)d comments.", done)
    said = said % {"label": label, "count": done}
    if failed := len(rows) - done:
        left = ngettext(
            "%(count)d was left as it is; it says why.", "%(count)d were left as they are; each says why.", failed
        )
        said = f"{said} {left % {'count': failed}}"
    return said
