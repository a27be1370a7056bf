"""Readers' side: read the comments of an article, post one, find one by its address."""

import unicodedata
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.encoding import iri_to_uri
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from articles import gone
from articles.models import Edition
from comments import answering, pages, policy, posting, sending, threads
from comments.forms import CommentForm
from comments.models import Comment
from comments.readers import confirming, identity, jobs, status
from comments.states import State
from newsroom.lib import clock
from newsroom.lib.addresses import client_address
from newsroom.lib.sameorigin import same_origin

CLOSED = gettext_lazy("This article is no longer available. No comments can be written on it any more.")


class Unknown(Exception):
    """The browser shows a token of nobody who is known now: too old, signed out, erased, or made up."""


@same_origin
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, **address: Any) -> HttpResponse:
    """The comments of an article, page by page; the form for a reply on a page of its own; POST keeps a comment."""
    if request.method == "POST" and not posting.hears(client_address(request)):
        return sending.not_heard(request)
    path = unicodedata.normalize("NFC", request.path_info.removesuffix("comments/"))
    edition = _live(path)
    if request.method == "POST":
        answer = _too_large(request, path, edition) or _post(request, path, edition)
    elif edition is None:
        answer = _closed(request, path)
    elif "answers" in request.GET:
        answer = _reply(request, edition)
    else:
        return _read(request, edition)
    add_never_cache_headers(answer)
    return answer


@never_cache
@require_safe
def permalink(request: HttpRequest, public_id: str) -> HttpResponse:
    """To the comment's place on the page that shows it, if readers can see it."""
    comment = threads.find_shown(public_id)
    place = pages.place_of(comment) if comment else None
    if place is None:
        raise Http404
    return HttpResponseRedirect(place)


# Reading ----------------------------------------------------------------------------------


def _read(request: HttpRequest, edition: Edition) -> HttpResponse:
    """One page of the comments. Each has one address only, for the page cache keeps what is asked for here."""
    asked = {name: request.GET.get(name, "") for name in ("sort", "after", "thread")}
    sort = asked["sort"] or pages.Sort.OLDEST
    ids = [asked[name] for name in ("after", "thread") if asked[name]]
    if sort not in set(pages.Sort) or not all(map(threads.is_public_id, ids)):
        raise Http404
    if sort == pages.Sort.OLDEST or asked["thread"]:
        asked["sort"] = ""
    address = pages.address(edition, **asked)
    if (request.path_info, request.META.get("QUERY_STRING", "")) != tuple(_parts(address)):
        return HttpResponseRedirect(iri_to_uri(address))
    page = _page(edition, pages.Sort(sort), asked["after"], asked["thread"])
    if page is None or (asked["after"] and not page.roots):
        # What the link led to is not shown any more: the beginning is.
        return HttpResponseRedirect(iri_to_uri(f"{edition.path}#comments"))
    context = {"edition": edition, "page": page, "asked": asked, "address": address, "form": CommentForm()}
    context["closed"] = page.is_closed(edition)
    return render(request, "comments/list.html", context)


def _parts(address: str) -> tuple[str, str]:
    path, _mark, query = address.partition("?")
    return path, query


def _page(edition: Edition, sort: pages.Sort, after: str, thread: str) -> pages.Page | None:
    if not thread:
        return pages.of_article(edition.article_id, sort, after)
    roots = Comment.objects.shown().filter(article=edition.article_id, parent=None)
    root = roots.filter(public_id=thread).first()
    return pages.of_thread(root, after) if root else None


def _reply(request: HttpRequest, edition: Edition) -> HttpResponse:
    answered = _answered(request.GET.get("answers", ""), edition)
    form = CommentForm(initial={"answers": answered.public_id if answered else ""})
    return _form(request, edition, form, answered=answered)


# Posting ----------------------------------------------------------------------------------


def _post(request: HttpRequest, path: str, edition: Edition | None) -> HttpResponse:
    if edition is None:
        return _closed(request, path, typed=request.POST.get("body", ""))
    form = CommentForm(request.POST)
    answered = _answered(request.POST.get("answers", ""), edition)
    if not form.is_valid():
        return _form(request, edition, form, answered=answered, status=422)
    began, sent = clock.now(), sending.look_at(request, edition.article_id)
    try:
        if not sent.proof.solved:  # else it was counted before its sender was asked for the work
            posting.allow(client_address(request))
        comment = _keep(request, edition, form, sent)
    except policy.ProofNeeded:
        return sending.ask_for_proof(edition.article_id)
    except Unknown:
        return _form(request, edition, _without_identity(request), answered=answered, status=422)
    except posting.TooMany as error:
        form.add_error(None, str(error))
        return _form(request, edition, form, answered=answered, status=429)
    except posting.Refused as error:
        form.add_error(None, str(error))
        return _form(request, edition, form, answered=answered, status=403)
    except posting.ParentGone:
        return _form(request, edition, _without_answers(request), status=422)
    except posting.Closed:
        return _closed(request, path, typed=request.POST.get("body", ""))
    return _thanks(request, comment, again=comment.created_at < began)


def _keep(request: HttpRequest, edition: Edition, form: CommentForm, sent: sending.Sent) -> Comment:
    """Raises Unknown if the browser shows to be somebody's who is not known any more, else as posting.post does."""
    said: dict[str, Any] = {name: form.cleaned_data[name] for name in ("name", "body", "answers", "key")}
    said |= {"address": client_address(request), "proof": sent.proof, "sending": sent.signals}
    shown, email = form.cleaned_data["identity"], form.cleaned_data["email"]
    if shown:
        commenter = identity.read(shown)
        if commenter is None:
            raise Unknown
        if not sent.proof.solved:
            posting.allow_reader(commenter)
        return posting.post(edition, commenter=commenter, **said)
    if email is None:
        return posting.post(edition, **said)
    wishes = {name: form.cleaned_data[name] for name in ("wants_outcome", "wants_replies")}
    comment = confirming.write(edition, email=email, language=get_language() or "", **wishes, **said)
    # Robust: if the queue fails, the row stands and a periodic job finds it.
    transaction.on_commit(lambda: jobs.ask_to_confirm(comment.pk), robust=True)
    return comment


def _thanks(request: HttpRequest, comment: Comment, *, again: bool) -> HttpResponse:
    """To the comment's page for who wrote it.

    What was sent `again` may come from a neighbour in the same network who copied words that everybody
    can read: it leads to the comment as everybody sees it, since who holds the other link can change it.
    """
    if again and comment.state == State.PUBLISHED and not request.POST.get("key"):
        address = pages.place_of(comment) or ""
    else:
        address = status.address(comment)
    if answering.wants_json(request):
        return JsonResponse({"message": status.sentence(comment), "address": address})
    return HttpResponseRedirect(iri_to_uri(address), status=303)


def _without_identity(request: HttpRequest) -> CommentForm:
    """The form again, without what the browser showed: the page's script forgets it, and the address is asked for."""
    typed = request.POST.copy()
    typed["identity"] = ""
    form = CommentForm(typed)
    form.add_error(
        None,
        _(
            "Your address is not confirmed in this browser any more. Your text is still here: enter your address"
            " again, or send it without one."
        ),
    )
    return form


def _without_answers(request: HttpRequest) -> CommentForm:
    """The form again, so that the text can be sent as a comment that answers nobody."""
    typed = request.POST.copy()
    typed["answers"] = ""
    form = CommentForm(typed)
    form.add_error(
        None, _("The comment that you answer is not shown any more. Send yours again to have it stand by itself.")
    )
    return form


def _live(path: str) -> Edition | None:
    """The edition that is live at `path`, or that the path once led to."""
    edition = Edition.objects.live().filter(path=path).first()
    if edition is None and isinstance(found := gone.whereabouts([path]), gone.Moved):
        return Edition.objects.live().filter(path=found.path).first()
    return edition


def _answered(public_id: str, edition: Edition) -> Comment | None:
    comment = threads.find_shown(public_id) if public_id else None
    return comment if comment and comment.article_id == edition.article_id else None


# Answers ----------------------------------------------------------------------------------


def _form(
    request: HttpRequest,
    edition: Edition,
    form: CommentForm,
    *,
    answered: Comment | None = None,
    status: int = 200,
) -> HttpResponse:
    if status != 200 and answering.wants_json(request):
        return answering.said(form, status)
    opening = policy.opening_of(edition.article_id)
    how = pages.Page(mode=opening.mode, closes_after=opening.closes_after)
    # What was typed is shown again wherever it cannot be sent.
    closed = how.is_closed(edition) and not form.is_bound
    context = {"edition": edition, "form": form, "answered": answered, "page": how, "closed": closed}
    return render(request, "comments/write.html", context, status=status)


def _closed(request: HttpRequest, path: str, typed: str = "") -> HttpResponse:
    """No such article, or not any more. What was typed is shown, so that it can be copied."""
    if not isinstance(gone.whereabouts([path]), gone.Gone):
        raise Http404
    if answering.wants_json(request):
        return JsonResponse({"message": str(CLOSED)}, status=410)
    return render(request, "comments/closed.html", {"typed": typed}, status=410)


def _too_large(request: HttpRequest, path: str, edition: Edition | None) -> HttpResponse | None:
    if not answering.too_large(request):
        return None
    if edition is None:
        return _closed(request, path)
    form = CommentForm({})
    form.errors.clear()
    form.add_error(None, str(answering.TOO_LARGE))
    return _form(request, edition, form, status=413)
