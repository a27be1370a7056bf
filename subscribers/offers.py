"""What the form on every page offers."""

from django.conf import settings

from subscribers.models import ConsentText


def offered(language: str) -> list[ConsentText]:
    """The present notice of each newsletter on offer, in `language` where there is one. One query.

    Else it is in the site's language, else in any. A newsletter without a notice is not offered.
    """
    ranks = {settings.LANGUAGE_CODE: 1, language: 0}
    best: dict[int, ConsentText] = {}
    for text in ConsentText.objects.current().offered().order_by("newsletter__position", "newsletter__name", "pk"):
        known = best.get(text.newsletter_id)
        if known is None or ranks.get(text.language, 2) < ranks.get(known.language, 2):
            best[text.newsletter_id] = text
    return list(best.values())
