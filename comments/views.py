"""Readers' side: post a comment, learn that it waits, find one by its address."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from articles import gone
from articles.models import Edition
from comments import posting, threads
from comments.forms import CommentForm
from comments.models import Comment
from newsroom.lib.addresses import client_address
from newsroom.lib.sameorigin import same_origin

# A comment of 5,000 characters has some 60 kB at most on its way; what is longer is not even read.
MAX_BYTES = 500_000


@never_cache
@same_origin
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, **address: Any) -> HttpResponse:
    """The form on a page of its own, for replies and for mistakes; POST keeps a comment."""
    path = request.path_info.removesuffix("comments/")
    edition = _live(path)
    if request.method == "POST":
        return _too_large(request, path, edition) or _post(request, path, edition)
    if edition is None:
        return _closed(request, path)
    answered = _answered(request.GET.get("answers", ""), edition)
    form = CommentForm(initial={"answers": answered.public_id if answered else ""})
    return _form(request, edition, form, answered=answered)


@require_safe
def waiting(request: HttpRequest, **address: Any) -> HttpResponse:
    """Thanks: the same page for everyone, since pages know nothing of who reads them."""
    path = request.path_info.removesuffix("comments/waiting/")
    edition = _live(path)
    if edition is None:
        return _closed(request, path)
    return render(request, "comments/waiting.html", {"edition": edition})


@never_cache
@require_safe
def permalink(request: HttpRequest, public_id: str) -> HttpResponse:
    """To the comment's place on its article's page, if readers can see it there."""
    comment = threads.find_shown(public_id)
    path = threads.path_to(comment) if comment else None
    if path is None:
        raise Http404
    return HttpResponseRedirect(path)


def _post(request: HttpRequest, path: str, edition: Edition | None) -> HttpResponse:
    form = CommentForm(request.POST)
    if edition is None:
        return _closed(request, path, typed=request.POST.get("body", ""))
    answered = _answered(request.POST.get("answers", ""), edition)
    if not form.is_valid():
        return _form(request, edition, form, answered=answered, status=422)
    try:
        posting.allow(client_address(request))
        _keep(request, edition, form)
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
    return HttpResponseRedirect(f"{edition.path}comments/waiting/", status=303)


def _keep(request: HttpRequest, edition: Edition, form: CommentForm) -> None:
    said = form.cleaned_data
    posting.post(
        edition,
        name=said["name"],
        body=said["body"],
        answers=said["answers"],
        key=said["key"],
        address=client_address(request),
    )


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


def _form(
    request: HttpRequest,
    edition: Edition,
    form: CommentForm,
    *,
    answered: Comment | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"edition": edition, "form": form, "answered": answered}
    return render(request, "comments/write.html", context, status=status)


def _closed(request: HttpRequest, path: str, typed: str = "") -> HttpResponse:
    """No such article, or not any more. What was typed is shown, so that it can be copied."""
    if not isinstance(gone.whereabouts([path]), gone.Gone):
        raise Http404
    return render(request, "comments/closed.html", {"typed": typed}, status=410)


def _too_large(request: HttpRequest, path: str, edition: Edition | None) -> HttpResponse | None:
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) <= MAX_BYTES:
        return None
    if edition is None:
        return _closed(request, path)
    form = CommentForm({})
    form.errors.clear()
    form.add_error(
        None, _("Your comment was too long to be received. Go back to find it, shorten it, and send it again.")
    )
    return _form(request, edition, form, status=413)
