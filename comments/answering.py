"""What the forms for comments have in common: how they are answered to a script, and what is not even read."""

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext_lazy

from comments.forms import WordsForm

# A comment of 5,000 characters has some 60 kB at most on its way.
MAX_BYTES = 500_000
TOO_LARGE = gettext_lazy("Your comment was too long to be received. Go back to find it, shorten it, and send it again.")


def too_large(request: HttpRequest) -> bool:
    """Whether more is sent than is worth reading."""
    length = request.headers.get("Content-Length", "")
    return length.isdecimal() and int(length) > MAX_BYTES


def wants_json(request: HttpRequest) -> bool:
    """Whether the page's script asks, rather than a reader who follows a form."""
    return "application/json" in request.headers.get("Accept", "")


def said(form: WordsForm, status: int) -> JsonResponse:
    """What is wrong with the form, field by field, for the page's script. `answers` is what the form goes on with."""
    fields = {name: " ".join(map(str, errors)) for name, errors in form.errors.items()}
    others = [fields.pop(name) for name in ("__all__", "answers", "key", "versions") if name in fields]
    data = {"errors": fields, "message": " ".join(others), "answers": form.data.get("answers", "")}
    return JsonResponse(data, status=status)
