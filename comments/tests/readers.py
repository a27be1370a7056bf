"""What readers do, for tests: write with an address, follow the links in their mails, and wait."""

import re
from typing import Any

from django.conf import settings
from django.core import mail
from django.test import Client

from articles.models import Edition
from comments.models import Comment, Commenter
from comments.readers import jobs
from comments.spam import proof, traps
from newsroom.lib import clock

RITA = "rita@example.org"


def write(reader: Client, edition: Edition, **said: Any) -> Any:
    """Send the form of the article as its page sends it."""
    form = {"name": "Rita", "body": "Well said.", "proof": proof.UNABLE} | said
    form["shown"] = traps.page_token(edition.article_id)
    headers = form.pop("headers", {})
    return reader.post(f"{edition.path}comments/", form, headers=headers)


def link(kind: str, number: int = -1) -> str:
    """The path of the link of this kind ("confirm", "mine", ...) in a mail, the last one if not said otherwise."""
    found = re.search(rf"{settings.SITE_URL}(\S*/comments/{kind}/\S+)", str(mail.outbox[number].body))
    assert found, mail.outbox[number].body
    return found[1]


def make_commenter(email: str = RITA, **fields: Any) -> Commenter:
    """Somebody who has confirmed the address, and wants to be told everything."""
    wishes = {"wants_outcome": True, "wants_replies": True, "verified_at": clock.now(), "language": "en"}
    return Commenter.objects.create(email=email, **wishes | fields)


def tell() -> None:
    """What the worker does every minute."""
    jobs.tell.call_local()


def the_comment() -> Comment:
    return Comment.objects.get()
