"""The notice under the form, in versions that never change."""

from django.db import transaction

from newsroom.models import User
from subscribers.models import ConsentText, Newsletter


@transaction.atomic
def write(newsletter: Newsletter, text: str, *, language: str, by: User | None = None) -> ConsentText:
    """Make `text` the notice that readers see from now on; the one before stays as proof.

    Returns the present one if its words are the same.
    """
    text = text.replace("\r\n", "\n").strip()
    Newsletter.objects.select_for_update().get(pk=newsletter.pk)  # one writer at a time counts on
    last = ConsentText.objects.filter(newsletter=newsletter, language=language).order_by("-version").first()
    if last and last.text == text:
        return last
    version = last.version + 1 if last else 1
    return ConsentText.objects.create(
        newsletter=newsletter, language=language, version=version, text=text, created_by=by
    )
