"""The page behind the link that confirms the address of a comment's author."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from comments import answering
from comments.mails import links
from comments.models import Comment
from comments.readers import confirming, identity, status
from newsroom.lib.emails import masked
from newsroom.lib.sameorigin import same_origin


@same_origin
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A page with a button: mail scanners follow links, but press nothing. Pressed twice, it says the same."""
    if request.method == "POST":
        comment = confirming.confirm(token)
        return _confirmed(request, comment) if comment else answering.dead_link(request)
    if not (confirming.waiting(token) or confirming.confirmed(token)):
        return answering.dead_link(request)
    return answering.page(request, "comments/confirm.html", {})


def _confirmed(request: HttpRequest, comment: Comment) -> HttpResponse:
    """What became of the comment, and for the browser's script the token that it keeps of its reader."""
    commenter = comment.commenter
    assert commenter is not None
    context = {
        "sentence": status.sentence(comment),
        "status": status.address(comment),
    }
    if confirming.is_fresh(comment):
        context |= {
            "mine": links.mine_token(commenter),
            "identity": identity.make(commenter),
            "masked": masked(commenter.email),
            "name": comment.display_name,
        }
    return answering.page(request, "comments/confirmed.html", context)
