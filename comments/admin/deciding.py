"""The moderators' deeds on one comment: each a POST, answered in place where a script asks, else by the page itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from articles.admin.people import who
from comments import banning, decisions, moderation, reasons
from comments.admin import cards
from comments.admin.forms import LEAVE, AnswerForm, BanForm, DecisionForm, first_error
from comments.admin.reading import may_moderate, readable_by, reads_all
from comments.answering import wants_json
from comments.models import Appeal, Ban, Comment
from comments.readers import appeals, reports
from comments.states import UNDO

CARD = "admin/comments/comment/card.html"


@dataclass(frozen=True)
class Outcome:
    """What became of a deed, as a sentence; whether it was done, and whether that settles the comment for now."""

    said: str
    done: bool = True
    settles: bool = False


class DecidingViews(admin.ModelAdmin):
    """The part of the comments' admin for it. Who may is asked for each deed again, by the domain as well."""

    def get_urls(self) -> list[URLPattern]:
        deeds = {"decide": self.decide_view, "ban": self.ban_view, "answer": self.answer_view}
        return [
            *(path(f"<int:pk>/{name}/", self._deed(deeds[name]), name=f"comments_comment_{name}") for name in deeds),
            *super().get_urls(),
        ]

    def _deed(self, view: Callable[..., HttpResponse]) -> Any:
        return self.admin_site.admin_view(require_POST(view))

    # Decisions ------------------------------------------------------------------------------

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST of a decision, an undo, or that what was reported stays."""
        if not may_moderate(request) and not self.may_pick(request):
            raise PermissionDenied
        comment = get_object_or_404(Comment, pk=pk)
        form = DecisionForm(request.POST)
        if not form.is_valid():
            sentence = _("Nothing was decided: the form was incomplete. Choose a decision again.")
            return self.answered(request, comment, Outcome(sentence, done=False))
        try:
            outcome = _decide(comment, by=who(request), **form.cleaned_data)
        except moderation.Refused as refusal:
            outcome = Outcome(str(refusal), done=False)
        return self.answered(request, comment, outcome)

    def may_pick(self, request: HttpRequest) -> bool:
        user = who(request)
        return reads_all(user) and user.has_perm(decisions.PICK)

    def answer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST of a second person's answer to an appeal of a comment."""
        if not may_moderate(request):
            raise PermissionDenied
        comment, form = get_object_or_404(Comment, pk=pk), AnswerForm(request.POST)
        appeals_of_it = Appeal.objects.filter(comment=pk).select_related("action", "closed_by")
        appeal = appeals_of_it.filter(pk=form.cleaned_data["appeal"]).first() if form.is_valid() else None
        if appeal is None:
            sentence = _("Nothing was answered: the form was incomplete. Write the answer again.")
            return self.answered(request, comment, Outcome(sentence, done=False))
        granted = form.cleaned_data["granted"] == "yes"
        try:
            appeals.answer(appeal, by=who(request), granted=granted, answer=form.cleaned_data["answer"])
        except moderation.Refused as refusal:
            return self.answered(request, comment, Outcome(str(refusal), done=False))
        said = _("The appeal was granted: readers see the comment.") if granted else _("The decision stands.")
        return self.answered(request, comment, Outcome(f"{said} {_('Its author is told your answer.')}", settles=True))

    # Bans -----------------------------------------------------------------------------------

    def ban_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST of a ban on who wrote the comment, or on where it came from."""
        if not may_moderate(request) or not request.user.has_perm("comments.add_ban"):
            raise PermissionDenied
        comment = get_object_or_404(Comment.objects.select_related("commenter"), pk=pk)
        form = BanForm(request.POST)
        if not form.is_valid():
            sentence = _("Nobody was banned. Choose whom and for how long, and write the reason that they are told.")
            return self.answered(request, comment, Outcome(sentence, done=False))
        try:
            ban = form.ban(comment)
        except ValidationError as error:
            return self.answered(request, comment, Outcome(first_error(error), done=False))
        found, new = banning.put_in_force(ban, comment)
        if new:
            self.log_addition(request, found, [{"added": {}}])
        elif found.reason != ban.reason:
            return self.answered(request, comment, Outcome(_banned_before(found), done=False))
        return self.answered(request, comment, Outcome(_banned(found)))

    # Answers --------------------------------------------------------------------------------

    def answered(self, request: HttpRequest, comment: Comment, outcome: Outcome) -> HttpResponse:
        """The comment as it is now, for a script; else the page that was asked from, with the sentence above."""
        if wants_json(request):
            card = self.card(request, comment.pk, outcome)
            return JsonResponse({"said": outcome.said, "done": outcome.done, "settles": outcome.settles, "card": card})
        one = reverse("admin:comments_comment_change", args=[comment.pk])
        came_from = request.POST.get("next", "")
        if not _is_ours(came_from, request):
            came_from = one
        said = outcome.said
        if came_from != one:
            said = format_html('{} <a href="{}">{}</a>', said, one, _("Look at it, or take it back."))
        self.message_user(request, said, messages.SUCCESS if outcome.done else messages.WARNING)
        return HttpResponseRedirect(came_from)

    def card(self, request: HttpRequest, key: int, outcome: Outcome) -> str:
        """The comment's card as HTML; "" where it is not there any more."""
        user, words = who(request), reasons.every()
        found = cards.load([key], user=user, readable=readable_by(user), full=reads_all(user), words=words)
        context = self.card_context(request, words) | {"outcome": outcome, "next": request.POST.get("next", "")}
        return render_to_string(CARD, context | {"card": found[0]}, request) if found else ""

    def card_context(self, request: HttpRequest, words: list[Any]) -> dict[str, Any]:
        """What every card needs besides its comment."""
        return {
            "reasons": [reason for reason in words if reason.active],
            "may_decide": may_moderate(request),
            "may_ban": may_moderate(request) and request.user.has_perm("comments.add_ban"),
            "ban_ends": BanForm.ENDS,
        }


def _is_ours(address: str, request: HttpRequest) -> bool:
    """Whether it is a page of comments in this admin."""
    begin = reverse("admin:comments_comment_changelist")
    return address.startswith(begin) and url_has_allowed_host_and_scheme(address, {request.get_host()})


def _decide(comment: Comment, *, by: Any, decision: str, versions: tuple[int, int], **said: Any) -> Outcome:
    seen = said.pop("reports")
    if decision == LEAVE:
        return _leave(comment, by, versions, seen)
    if decision == UNDO:
        moderation.undo(comment, by=by, expected=versions)
        return Outcome(_is_now(comment))
    moderation.decide(comment, decision, by=by, expected=versions, **said)
    picks = decisions.DECISIONS[decision].picks
    if picks is not None:
        sentence = _("It is among the editors’ picks now.") if picks else _("It is no editors’ pick any more.")
        return Outcome(sentence)
    return Outcome(_is_now(comment), settles=True)


def _leave(comment: Comment, by: Any, versions: tuple[int, int], seen: list[int]) -> Outcome:
    if versions != comment.versions:
        raise moderation.Stale(moderation.what_happened(comment))
    closed = reports.leave(comment, by=by, seen=seen)
    if not closed:
        return Outcome(_("Somebody was faster: these reports are answered. Nothing was changed."), done=False)
    said = ngettext(
        "The comment stays. %(count)d report was answered.",
        "The comment stays. %(count)d reports were answered.",
        closed,
    )
    return Outcome(said % {"count": closed}, settles=True)


def _is_now(comment: Comment) -> str:
    """Whose comment it is stands in isolates: a name of another direction does not disturb the sentence."""
    return _("The comment of %(name)s is now %(state)s.") % {
        "name": f"\u2068{comment.display_name or '–'}\u2069",
        "state": comment.get_state_display(),
    }


def _banned_before(ban: Ban) -> str:
    return _("Nothing was changed, for a ban with another reason lasts as long. %(ban)s Change that one instead.") % {
        "ban": _banned(ban)
    }


def _banned(ban: Ban) -> str:
    about = {"who": f"\u2068{ban}\u2069"}
    if ban.ends_at is None:
        return _("%(who)s is banned for good, and is told why.") % about
    about["end"] = date_format(ban.ends_at, "DATE_FORMAT")
    return _("%(who)s is banned until %(end)s, and is told why.") % about
