"""What comes along with a comment and says how it was sent: work that was done, and when the form was shown."""

from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from comments import answering, posting
from comments.spam import proof, traps
from comments.spam.proof import Proof
from comments.spam.signs import Signal


@dataclass(frozen=True)
class Sent:
    """`proof` and `signals` as posting.post takes them."""

    proof: Proof
    signals: list[Signal] = field(default_factory=list)


def look_at(request: HttpRequest, article_id: int) -> Sent:
    """How a comment on this article was sent. A solution is used up by this, and the comment counted."""
    solution = request.POST.get("proof", "")
    solved = proof.accept(solution, article_id)
    able = answering.wants_json(request) and solution != proof.UNABLE
    signals = traps.signals(request.POST.get("shown", ""), article_id)
    return Sent(Proof(solved, able), [*signals, *posting.count_on(article_id)])


def not_heard(request: HttpRequest) -> HttpResponse:
    """For a flood: it costs next to nothing, so that others are served meanwhile."""
    sentence = _("Too many requests came from your network. Go back to find your text, and send it in ten minutes.")
    if answering.wants_json(request):
        return JsonResponse({"message": sentence}, status=429)
    return HttpResponse(sentence, status=429, content_type="text/plain; charset=utf-8")


def ask_for_proof(article_id: int) -> JsonResponse:
    """What the page's script is to do before it sends the comment again. Status: RFC 6585, 3."""
    sentence = _("We check that a browser sends this. It takes a few seconds.")
    return JsonResponse({"message": sentence, "proof": proof.ask(article_id)}, status=428)


@never_cache
@require_safe
def shown(request: HttpRequest, article_id: int) -> JsonResponse:
    """A token for somebody who begins to write, so that how long they take is known. Reads and writes nothing."""
    return JsonResponse({"shown": traps.own_token(article_id)})
