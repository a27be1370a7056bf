"""A comment's page for who wrote it: its state and why, its words, and the form to mend them.

The link is signed and holds the right to change the comment while there is time: it is given to nobody but
who posted it, is on no page that others see, and names nothing that can be guessed.
"""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from articles.models import Edition
from comments import answering, editing, moderation, posting, reasons, threads
from comments.forms import EditForm, written_versions
from comments.models import Comment, ModerationAction
from comments.states import State
from newsroom.lib import tokens
from newsroom.lib.addresses import client_address
from newsroom.lib.sameorigin import same_origin

PURPOSE = "comment-status"
GOOD_FOR = timedelta(days=90)
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
}


def address(comment: Comment) -> str:
    """The signed link to the comment's page for its author."""
    return reverse("comments:status", args=[tokens.make(PURPOSE, comment.public_id)])


@same_origin
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest, token: str) -> HttpResponse:
    """What became of a comment; POST changes its words."""
    comment = _comment(token)
    form = EditForm.of(comment) if editing.may_edit(comment) else None
    if request.method != "POST":
        return _page(request, comment, form)
    if answering.too_large(request):
        form = EditForm({})
        form.errors.clear()
        form.add_error(None, str(answering.TOO_LARGE))
        return _answer(request, comment, form, 413)
    return _edit(request, comment, EditForm(request.POST))


def _comment(token: str) -> Comment:
    try:
        public_id = tokens.read(PURPOSE, token, max_age=GOOD_FOR)
    except tokens.Invalid as error:
        raise Http404 from error
    comment = Comment.objects.filter(public_id=public_id).first()
    if comment is None:
        raise Http404
    return comment


def _edit(request: HttpRequest, comment: Comment, form: EditForm) -> HttpResponse:
    if not form.is_valid():
        return _answer(request, comment, form, 422)
    words = form.cleaned_data
    try:
        posting.allow(client_address(request))
        editing.edit(comment, name=words["name"], body=words["body"], expected=words["versions"])
    except posting.TooMany as error:
        return _refusal(request, comment, str(error), 429)
    except posting.Refused as error:
        return _refusal(request, comment, str(error), 403)
    except posting.Closed:
        sentence = _(
            "This article is no longer available, so your comment cannot be changed. Copy your text to keep it."
        )
        return _refusal(request, comment, sentence, 410)
    except editing.Refused as refused:
        return _refusal(request, comment, str(refused), 409)
    if answering.wants_json(request):
        return JsonResponse({"message": str(SENTENCES[State(comment.state)]), "address": address(comment)})
    return HttpResponseRedirect(iri_to_uri(address(comment)), status=303)


def _refusal(request: HttpRequest, comment: Comment, sentence: str, code: int) -> HttpResponse:
    """The form with what was typed; what is sent next was written with the words in view that stand there now."""
    typed = request.POST.copy()
    typed["versions"] = written_versions(comment)
    form = EditForm(typed)
    form.add_error(None, sentence)
    return _answer(request, comment, form, code)


def _answer(request: HttpRequest, comment: Comment, form: EditForm, code: int) -> HttpResponse:
    if answering.wants_json(request):
        return answering.said(form, code)
    return _page(request, comment, form, code)


def _page(request: HttpRequest, comment: Comment, form: EditForm | None, code: int = 200) -> HttpResponse:
    edition = Edition.objects.live().filter(article=comment.article_id).only("path", "headline", "language").first()
    open_to_change = editing.may_edit(comment) and edition is not None
    shown = comment.state == State.PUBLISHED and edition is not None and threads.find_shown(comment.public_id)
    context = {
        "comment": comment,
        "sentence": SENTENCES[State(comment.state)],
        "decision": _decision(comment),
        "reason": reasons.find(comment.reason),
        "edition": edition,
        "link": reverse("comments:permalink", args=[comment.public_id]) if shown else "",
        "form": form if open_to_change or code != 200 else None,
        "may_edit": open_to_change,
        "until": comment.created_at + editing.EDIT_FOR,
        "erased": comment.state == State.ERASED,
        "waiting": comment.state in (State.PENDING, State.HELD),
        "action": request.path,
    }
    return render(request, "comments/status.html", context, status=code)


def _decision(comment: Comment) -> ModerationAction | None:
    """The decision that brought the comment to where it is. Its reader is told all but the names and the notes."""
    last = comment.actions.exclude(decision=moderation.EDIT).first()
    return last if last and last.to_state == comment.state else None
