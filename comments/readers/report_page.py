"""The form by which a reader reports a comment: a page of its own, which the page's script opens in place."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from articles.models import Edition
from comments import answering, threads
from comments.mails import status_link
from comments.models import Comment
from comments.readers import identity, reports
from comments.readers.forms import ReportForm
from newsroom.lib.addresses import client_address
from newsroom.lib.sameorigin import same_origin

THANKS = gettext_lazy("Thank you. A moderator will look at the comment. It stays as it is until then.")
GONE = gettext_lazy("This comment is not shown any more, so it need not be reported.")


@same_origin
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    """The form; POST keeps the report. What readers do not see cannot be reported, nor is it said that it is there."""
    comment = threads.find_shown(public_id)
    if comment is None or not Edition.objects.live().filter(article=comment.article_id).exists():
        return _gone(request)
    if request.method != "POST":
        return _page(request, comment, ReportForm())
    form = ReportForm(request.POST if not answering.too_large(request) else {})
    if not form.is_valid():
        return _page(request, comment, form, 422)
    try:
        _make(request, comment, form)
    except reports.TooMany as refusal:
        form.add_error(None, str(refusal))
        return _page(request, comment, form, 429)
    except reports.Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, comment, form, 403)
    if answering.wants_json(request):
        return answering.private(JsonResponse({"message": str(THANKS)}))
    return answering.message(request, _("Your report was received"), str(THANKS))


def _make(request: HttpRequest, comment: Comment, form: ReportForm) -> None:
    said = form.cleaned_data
    reports.make(
        comment,
        reason=said["reason"],
        text=said["text"],
        email=said["email"],
        language=get_language() or "",
        address=client_address(request),
        commenter=identity.read(said["identity"]),
    )


def _page(request: HttpRequest, comment: Comment, form: ReportForm, code: int = 200) -> HttpResponse:
    if code != 200 and answering.wants_json(request):
        return answering.private(answering.said(form, code))
    context = {"comment": comment, "form": form, "link": status_link.permalink(comment)}
    return answering.page(request, "comments/report.html", context, code)


def _gone(request: HttpRequest) -> HttpResponse:
    if answering.wants_json(request):
        return answering.private(JsonResponse({"message": str(GONE)}, status=404))
    return answering.message(request, _("This comment is not shown"), str(GONE), status=404)
