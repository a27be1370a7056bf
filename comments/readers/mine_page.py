"""A reader's own pages, behind links mailed to them: all comments, which mails they get, taking along, erasing."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from articles.models import Edition
from comments import answering, privacy
from comments.mails import links
from comments.mails.links import Kind
from comments.models import Comment, Commenter
from comments.readers import jobs, mine, status
from comments.readers.forms import LinkForm
from comments.states import State
from newsroom.lib import addresses, throttle
from newsroom.lib.addresses import client_address
from newsroom.lib.sameorigin import same_origin

SHOWN = 50
REQUESTS_FROM_A_NETWORK = 20
AN_HOUR = 3_600
LABELS = {
    State.AWAITING_EMAIL: gettext_lazy("waits until you confirm your address"),
    State.PENDING: gettext_lazy("waits for a moderator"),
    State.HELD: gettext_lazy("waits for a moderator"),
    State.PUBLISHED: gettext_lazy("published"),
    State.REJECTED: gettext_lazy("rejected"),
    State.SPAM: gettext_lazy("taken for spam"),
    State.WITHDRAWN: gettext_lazy("taken away by you"),
    State.ERASED: gettext_lazy("erased"),
    State.ERASED_HIDDEN: gettext_lazy("erased"),
}


@same_origin
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form for the link; the answer is the same for every address, known or not."""
    form = LinkForm(request.POST) if request.method == "POST" else LinkForm()
    if request.method != "POST":
        return answering.page(request, "comments/mine_ask.html", {"form": form})
    network = addresses.prefix(client_address(request))
    if not throttle.allow(f"comments mine network {network}", REQUESTS_FROM_A_NETWORK, AN_HOUR):
        form.full_clean()
        form.add_error(None, _("Many requests came from your network. It can send again in an hour."))
        return answering.page(request, "comments/mine_ask.html", {"form": form}, 429)
    if not form.is_valid():
        return answering.page(request, "comments/mine_ask.html", {"form": form}, 422)
    email = form.cleaned_data["email"].norm
    transaction.on_commit(lambda: jobs.mail_link(email), robust=True)
    return answering.message(
        request,
        _("Please look into your mail"),
        _("If comments were written here under this address, the link to them is on its way to it."),
    )


@same_origin
@require_http_methods(["GET", "HEAD", "POST"])
def of_reader(request: HttpRequest, token: str) -> HttpResponse:
    """All comments of a reader; POST changes which mails they get, ends all links, or asks for the one that erases."""
    commenter = links.commenter_of(links.MINE, token, links.MINE_FOR)
    if commenter is None:
        return answering.dead_link(request)
    if request.method != "POST":
        return _list(request, commenter, token)
    deed = DEEDS.get(request.POST.get("do", ""))
    return deed(request, commenter) if deed else HttpResponseRedirect(request.path, status=303)


def _list(request: HttpRequest, commenter: Commenter, token: str) -> HttpResponse:
    found = mine.comments_of(commenter)
    if before := request.GET.get("before", ""):
        found = found.filter(pk__lt=before) if before.isascii() and before.isdigit() and len(before) < 18 else found
    rows = list(found[: SHOWN + 1])
    editions = _editions(rows)
    context = {
        "commenter": commenter,
        "rows": [(row, LABELS[State(row.state)], status.address(row), editions.get(row.article_id)) for row in rows][
            :SHOWN
        ],
        "before": rows[SHOWN - 1].pk if len(rows) > SHOWN else None,
        "token": token,
    }
    return answering.page(request, "comments/mine.html", context)


def _editions(rows: list[Comment]) -> dict[int, Edition]:
    """What readers can see of the articles: a draft's headline is not theirs. One query."""
    found = Edition.objects.live().filter(article__in={row.article_id for row in rows})
    return {edition.article_id: edition for edition in found.only("article_id", "path", "headline")}


def _set_mails(request: HttpRequest, commenter: Commenter) -> HttpResponse:
    mine.set_mails(commenter, outcome="outcome" in request.POST, replies="replies" in request.POST)
    return HttpResponseRedirect(f"{request.path}#mails", status=303)


def _sign_out(request: HttpRequest, commenter: Commenter) -> HttpResponse:
    mine.sign_out_everywhere(commenter)
    return answering.message(
        request,
        _("You are signed out everywhere"),
        _("No browser is known as yours any more, and no link to the page of your comments works."),
        _("Your comments stay as they are. Confirm your address with your next comment to be known again."),
    )


def _ask_to_erase(request: HttpRequest, commenter: Commenter) -> HttpResponse:
    if not mine.mail_erasing(commenter):
        sentence = _("Too many mails were sent to this address today. Please ask again tomorrow.")
        return answering.message(request, _("Erase everything"), sentence, status=429)
    return answering.message(
        request,
        _("Please look into your mail"),
        _("To be sure that it is you, we have mailed you a link. Nothing is erased before you use it."),
    )


DEEDS = {"mails": _set_mails, "sign-out": _sign_out, "erase": _ask_to_erase}


@require_safe
def export(request: HttpRequest, token: str) -> HttpResponse:
    """All that is kept about the reader, as a file."""
    commenter = links.commenter_of(links.MINE, token, links.MINE_FOR)
    if commenter is None:
        return answering.dead_link(request)
    answer = JsonResponse(privacy.export(commenter.email), json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer["Content-Disposition"] = 'attachment; filename="comments.json"'
    return answering.private(answer)


@same_origin
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, token: str) -> HttpResponse:
    """A page with a button; POST erases all that is the reader's."""
    commenter = links.commenter_of(links.ERASE, token, links.ERASE_FOR)
    if commenter is None:
        return answering.dead_link(request)
    if request.method != "POST":
        return answering.page(request, "comments/erase.html", {"count": mine.comments_of(commenter).count()})
    privacy.erase(commenter.email)
    return answering.message(
        request,
        _("Your comments are erased"),
        _(
            "Your comments, and your address beside them, are not kept any more. Where others have answered, a gap "
            "is left. A newsletter that you get keeps your address until you leave it."
        ),
    )


# Mail programs post here by themselves (RFC 8058): no cookie, no redirect, always 200. The token is the proof.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def mails(request: HttpRequest, token: str) -> HttpResponse:
    """A page with a button that ends mails of one kind."""
    found = links.turned_off_by(token)
    pressed = request.method == "POST" and (
        request.POST.get("List-Unsubscribe") == "One-Click" or "off" in request.POST
    )
    if found is None:
        answer = answering.dead_link(request)
        answer.status_code = 200 if request.method == "POST" else 404
        return answer
    commenter, kind = found
    if pressed:
        mine.turn_off(commenter, kind)
    context: dict[str, Any] = {"off": pressed, "outcome": kind == Kind.OUTCOME, "ask": reverse("comments:ask")}
    return answering.page(request, "comments/mails.html", context)
