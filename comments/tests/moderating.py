"""What tests of the moderators' pages share: the deeds as browsers send them."""

import json
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from comments import moderation
from comments.forms import written_versions
from comments.models import Appeal, Comment, Commenter, Report
from comments.tests.markup import Elements, assert_harmless
from newsroom.lib import clock
from newsroom.models import User
from newsroom.testing import client_of

LIST = "/admin/comments/comment/"
JSON = {"accept": "application/json"}


def page_of(comment: Comment) -> str:
    return reverse("admin:comments_comment_change", args=[comment.pk])


def address(comment: Comment, deed: str = "decide") -> str:
    return reverse(f"admin:comments_comment_{deed}", args=[comment.pk])


def form_of(comment: Comment, chosen: str, **fields: str) -> dict[str, str]:
    return {"decision": chosen, "versions": written_versions(comment), "reason": "abuse"} | fields


def decide(user: User, comment: Comment, chosen: str, **fields: str) -> HttpResponse:
    return client_of(user).post(address(comment), form_of(comment, chosen, **fields))


def asked(user: User, comment: Comment, chosen: str, **fields: str) -> dict[str, Any]:
    """The same by the page's script."""
    response = client_of(user).post(address(comment), form_of(comment, chosen, **fields), headers=JSON)
    return json.loads(response.content)


def chosen_row(comment: Comment) -> str:
    return f"{comment.pk}.{written_versions(comment)}"


def bulk(user: User, decision: str, comments: list[Comment], **fields: Any) -> HttpResponse:
    data = {"decision": decision, "chosen": [chosen_row(comment) for comment in comments], "reason": "abuse"}
    return client_of(user).post(f"{LIST}bulk/", data | fields)


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def states(*comments: Comment) -> list[str]:
    return [Comment.objects.get(pk=comment.pk).state for comment in comments]


def listed(client: Client, **query: Any) -> str:
    return content(client.get(LIST, query))


def content(response: HttpResponse) -> str:
    """The page's own part, without the admin's frame and its scripts."""
    return response.content.decode().partition('id="content"')[2].partition('id="footer"')[0]


def assert_harmless_admin(html: str) -> None:
    """As on public pages, but for the admin's own pictures and scripts."""
    for tag, attributes in Elements(html).found:
        if tag in ("img", "script"):
            assert (attributes.get("src") or "").startswith("/static/"), attributes
        else:
            assert_harmless(f"<{tag}>")
            assert not (attributes.get("href") or "").lower().startswith(("javascript:", "data:"))
        assert not any(name.startswith("on") or name == "style" for name in attributes), attributes


def report(comment: Comment, text: str = "", **fields: Any) -> Report:
    defaults = {"reason": "abuse", "text": text, "created_at": clock.now()}
    return Report.objects.create(comment=comment, **(defaults | fields))


def appeal(comment: Comment, by: User, text: str = "I object.") -> Appeal:
    action = moderation.decide(comment, "reject", by=by, reason="abuse", expected=comment.versions)
    return Appeal.objects.create(action=action, comment=comment, text=text, created_at=clock.now())


def known(**fields: Any) -> Commenter:
    return Commenter.objects.create(verified_at=clock.now(), **fields)
