"""A comment's page for who wrote it: its state and why, its words, and what they can still do about it.

The link is signed (comments.mails.status_link) and holds the right to change the comment while there is time, to
take it away and to object to what was decided on it.
"""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from articles.models import Edition
from comments import answering, editing, moderation, policy, posting, reasons, threads
from comments.decisions import AWAIT, EDIT, ERASE, WITHDRAW
from comments.forms import EditForm, parse_versions, written_versions
from comments.mails import letters, status_link
from comments.mails.status_link import GOOD_FOR, address
from comments.models import Appeal, Comment, Confirmation, ModerationAction
from comments.readers import appeals, confirming, jobs
from comments.readers.forms import AppealForm, ElsewhereForm
from comments.states import GONE, TURNED_DOWN, WITHDRAWABLE, Mode, State
from newsroom.lib.addresses import client_address
from newsroom.lib.emails import masked
from newsroom.lib.sameorigin import same_origin

__all__ = ["GOOD_FOR", "SENTENCES", "address", "sentence", "status"]

SENTENCES = {
    State.AWAITING_EMAIL: gettext_lazy(
        "Thank you. Please open the mail that we have sent you, to confirm your address."
    ),
    State.PENDING: gettext_lazy("Thank you. Your comment waits for a moderator."),
    State.HELD: gettext_lazy("Thank you. Your comment waits for a moderator."),
    State.PUBLISHED: gettext_lazy("Thank you. Your comment is shown under the article."),
    State.REJECTED: gettext_lazy("Your comment was rejected."),
    State.SPAM: gettext_lazy("Your comment was taken for spam and is not shown."),
    State.WITHDRAWN: gettext_lazy("You have taken your comment away."),
    State.ERASED: gettext_lazy("Your comment was erased."),
    State.ERASED_HIDDEN: gettext_lazy("Your comment was erased."),
}
REMOVED = gettext_lazy("Your comment was taken off the page.")
OUT_OF_SIGHT = gettext_lazy("Your comment is published, but not in sight: the article or what it answers is not shown.")


def sentence(comment: Comment, *, in_sight: bool = True) -> str:
    """What has become of the comment; `in_sight` is whether readers can come upon a published one."""
    if comment.state == State.PUBLISHED and not in_sight:
        return str(OUT_OF_SIGHT)
    if comment.state in appeals.APPEALABLE and comment.published_at:
        return str(REMOVED)
    return str(SENTENCES[State(comment.state)])


@same_origin
@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest, token: str) -> HttpResponse:
    """What became of a comment; POST changes words or address, takes it away, or objects to a decision."""
    comment = status_link.find(token)
    if comment is None:
        return answering.dead_link(request)
    if request.method != "POST":
        return _page(request, comment)
    if answering.too_large(request):
        form = EditForm({})
        form.errors.clear()
        form.add_error(None, str(answering.TOO_LARGE))
        return _answer(request, comment, form, 413)
    match request.POST.get("do"):
        case "withdraw":
            return _withdraw(request, comment)
        case "appeal":
            return _appeal(request, comment)
        case "address":
            return _send_elsewhere(request, comment)
    return _edit(request, comment, EditForm(request.POST))


# What its author does -----------------------------------------------------------------------


def _edit(request: HttpRequest, comment: Comment, form: EditForm) -> HttpResponse:
    if not form.is_valid():
        return _answer(request, comment, form, 422)
    words = form.cleaned_data
    network = client_address(request)
    try:
        posting.allow(network)
        editing.edit(comment, name=words["name"], body=words["body"], expected=words["versions"], address=network)
    except posting.TooMany as error:
        return _refusal(request, comment, str(error), 429)
    except (posting.Refused, editing.Banned) as error:
        return _refusal(request, comment, str(error), 403)
    except posting.Closed:
        gone = _("This article is no longer available, so your comment cannot be changed. Copy your text to keep it.")
        return _refusal(request, comment, gone, 410)
    except editing.Refused as refused:
        return _refusal(request, comment, str(refused), 409)
    if answering.wants_json(request):
        return JsonResponse({"message": sentence(comment), "address": address(comment)})
    return _see(comment)


def _withdraw(request: HttpRequest, comment: Comment) -> HttpResponse:
    """Pressed twice, it says the same; decided on meanwhile, the page says how."""
    seen = parse_versions(request.POST.get("versions", ""))
    try:
        if seen and comment.state in WITHDRAWABLE:
            confirming.withdraw(comment, expected=seen)
    except moderation.Refused:
        comment.refresh_from_db()
    if comment.state in WITHDRAWABLE:
        refusal = _("Your comment has changed since you opened this page. Look at it below, then take it away.")
        return _page(request, comment, code=409, refusal=refusal)
    return _see(comment)


def _appeal(request: HttpRequest, comment: Comment) -> HttpResponse:
    form = AppealForm(request.POST)
    if not form.is_valid():
        return _page(request, comment, code=422, appeal_form=form)
    try:
        appeals.make(comment, form.cleaned_data["text"])
    except appeals.Refused as refused:
        return _page(request, comment, code=409, refusal=str(refused))
    return _see(comment)


def _send_elsewhere(request: HttpRequest, comment: Comment) -> HttpResponse:
    """The same is said of every address, known or not."""
    form = ElsewhereForm(request.POST)
    if not form.is_valid():
        return _page(request, comment, code=422, elsewhere=form)
    network = client_address(request)
    try:
        posting.allow(network)
        confirming.send_elsewhere(comment, email=form.cleaned_data["email"], address=network)
    except (posting.TooMany, confirming.TooMany) as refused:
        return _page(request, comment, code=429, refusal=str(refused), elsewhere=form)
    except confirming.Refused as refused:
        comment.refresh_from_db()
        return _page(request, comment, code=409, refusal=str(refused), elsewhere=form)
    transaction.on_commit(lambda: jobs.ask_to_confirm(comment.pk), robust=True)
    return _see(comment)


def _see(comment: Comment) -> HttpResponse:
    return HttpResponseRedirect(iri_to_uri(address(comment)), status=303)


# What is answered ---------------------------------------------------------------------------


def _refusal(request: HttpRequest, comment: Comment, why: str, code: int) -> HttpResponse:
    """The form with what was typed; what is sent next was written with the words in view that stand there now."""
    typed = request.POST.copy()
    typed["versions"] = written_versions(comment)
    form = EditForm(typed)
    form.add_error(None, why)
    return _answer(request, comment, form, code)


def _answer(request: HttpRequest, comment: Comment, form: EditForm, code: int) -> HttpResponse:
    if answering.wants_json(request):
        return answering.said(form, code)
    return _page(request, comment, code=code, form=form)


def _page(
    request: HttpRequest,
    comment: Comment,
    *,
    code: int = 200,
    form: EditForm | None = None,
    appeal_form: AppealForm | None = None,
    elsewhere: ElsewhereForm | None = None,
    refusal: str = "",
) -> HttpResponse:
    edition = Edition.objects.live().filter(article=comment.article_id).only("path", "headline", "language").first()
    open_to_change = editing.may_edit(comment) and edition is not None
    shown = comment.state == State.PUBLISHED and edition is not None and threads.find_shown(comment.public_id)
    context = {
        "comment": comment,
        "sentence": sentence(comment, in_sight=bool(shown)),
        "refusal": refusal,
        "reason": reasons.find(comment.reason),
        "edition": edition,
        "link": status_link.permalink(comment) if shown else "",
        "form": form or (EditForm.of(comment) if open_to_change else None),
        "may_edit": open_to_change,
        "until": comment.created_at + editing.EDIT_FOR,
        "erased": comment.state in GONE,
        "waiting": comment.state in (State.PENDING, State.HELD),
        "awaiting": comment.state == State.AWAITING_EMAIL,
        "published": comment.state == State.PUBLISHED,
        "may_withdraw": comment.state in WITHDRAWABLE,
        "versions": written_versions(comment),
        "action": request.path,
        "mode": policy.opening_of(comment.article_id).mode if open_to_change else Mode.PRE,
        **_decided(comment, appeal_form),
        **_awaited(comment, elsewhere),
    }
    return answering.page(request, "comments/status.html", context, code)


def _awaited(comment: Comment, form: ElsewhereForm | None) -> dict[str, Any]:
    """Where the link went that the comment waits for, and the form for another address."""
    if comment.state != State.AWAITING_EMAIL:
        return {}
    email = Confirmation.objects.filter(comment=comment).values_list("email", flat=True).first()
    return {"went_to": f"\u2068{masked(email)}\u2069", "elsewhere": form or ElsewhereForm()} if email else {}


def _decided(comment: Comment, form: AppealForm | None) -> dict[str, Any]:
    """The decision that the comment's author is told of, their objections to it and to earlier ones, or the form."""
    found = Appeal.objects.filter(comment=comment).order_by("-pk")
    may = appeals.decision_on(comment) is not None
    decision, turned_down = _decision(comment), comment.state in TURNED_DOWN
    return {
        "decision": decision,
        "turned_down": turned_down,
        "reported": bool(turned_down and decision and letters.was_reported(decision)),
        "appeals": found,
        "appeal_form": (form or AppealForm()) if may else None,
    }


def _decision(comment: Comment) -> ModerationAction | None:
    """What brought the comment to where it is. Its reader is told all but the names and the notes."""
    own = [WITHDRAW, AWAIT, ERASE]
    told = comment.actions.exclude(decision__in=own)
    if comment.state not in appeals.APPEALABLE:  # what its author did since is no decision
        told = told.exclude(decision__in=[EDIT, "pick", "unpick"])
    last = told.first()
    return last if last and last.to_state == comment.state else None
