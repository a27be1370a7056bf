"""Strings that broke other people's software, sent to every public address of the newsletter.

None is answered by an error of ours, sets a cookie, changes anything or sends a mail that was not asked for; what is
refused is refused with a sentence. Runs of all strings are drills.
"""

import json
import os
import re
from itertools import count
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

from django.core import mail
from django.test import Client
from pytest import fixture, mark, param

from newsroom.lib import tokens
from subscribers import letters, preferring
from subscribers.factories import make_subscriber
from subscribers.models import ConsentEvent, Subscriber, SubscribeRequest, Subscription
from subscribers.states import SubscriptionState

SOME = [
    "\0",
    "%00",
    "\r\nSet-Cookie: a=b",
    "\u2028",
    "\u202e",
    "\ud800",
    "٣",
    "{{ 7*7 }}",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "=1+1",
    "Ω" * 3000,
    "A" * 100_000,
]
EVERY = param(1, id="all", marks=mark.drill)
METHODS = ("get", "head", "post", "options", "put", "delete")
ANSWERS = {200, 303, 400, 403, 404, 405, 410, 422}
REFUSAL = re.compile(r'id="newsletter-email-error"(?![^>]*hidden)[^>]*>[^<]{10,}\.</p>')
networks = count()


def strings():
    """Those of the folder of real material, and ours."""
    folder = os.environ.get("NEWSROOM_TEST_DATA")
    if not folder:
        return SOME
    attacks = Path(folder) / "attack-strings"
    found = json.loads((attacks / "naughty-strings" / "blns.json").read_text())
    for name in ("CRLF Injection/Files/crlfinjection.txt", "Open Redirect/Intruder/Open-Redirect-payloads.txt"):
        found += (attacks / "payloadsallthethings" / name).read_text(errors="replace").splitlines()
    table = ElementTree.parse(Path(folder) / "addresses/isemail/tests.xml")
    found += [case.findtext("address") or "" for case in table.iter("test")]
    found += [
        case["data"] for case in json.loads((Path(folder) / "addresses/json-schema/email.json").read_text())[0]["tests"]
    ]
    return [text for text in found if isinstance(text, str)] + SOME


@fixture
def reader(newsletter):
    return make_subscriber("reader@example.org", newsletter)


@fixture
def ask(client):
    """Ask from a network of one's own; what must hold for every answer holds."""
    client = Client()

    def send(method, path, data=None, **headers):
        number = next(networks)
        options = {"REMOTE_ADDR": f"11.{number // 250 % 250}.{number % 250}.1", **headers}
        answer = getattr(client, method)(path, data or {}, **options)
        assert answer.status_code in ANSWERS, (method, path, data, answer.status_code)
        assert not answer.cookies
        assert "Set-Cookie" not in answer
        assert all("\n" not in value and "\r" not in value for value in answer.headers.values())
        location = answer.get("Location", "/newsletter/")
        assert location.startswith("/") and not location.startswith("//")
        return answer

    return send


def standing():
    """All that a stranger must not change."""
    return (
        list(Subscriber.objects.values()),
        list(Subscription.objects.values()),
        ConsentEvent.objects.exclude(kind="requested").count(),
    )


def as_path(text):
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@mark.parametrize("every", [param(150, id="some"), EVERY])
@mark.parametrize("address", ["/newsletter/", "/newsletter/preferences/"])
def test_a_hostile_address_is_refused_with_a_sentence_or_is_an_address(ask, newsletter, reader, address, every):
    before = standing()
    consent = newsletter.consent_texts.get().pk
    for text in [*strings()[::every], *SOME]:
        text = text.encode("utf-8", "replace").decode()
        mail.outbox.clear()
        answer = ask("post", address, {"email": text, "consent": consent, "page": text, "mark": text})
        assert answer.status_code in (303, 422), text
        if answer.status_code == 422:
            assert REFUSAL.search(answer.text), text
            assert "<script>alert(1)" not in answer.text
            assert not mail.outbox
        answer = ask("post", address, {"email": "reader@example.org", "consent": text, "page": text, "mark": text})
        assert answer.status_code in (303, 422)
    assert standing() == before
    assert all(row.page == "" or row.page.startswith("/") for row in SubscribeRequest.objects.all())


@mark.parametrize("every", [param(150, id="some"), EVERY])
@mark.parametrize("page", ["confirm", "preferences", "unsubscribe"])
def test_a_hostile_token_is_nobodys(ask, reader, page, every):
    before = standing()
    for text in [*strings()[::every], *SOME]:
        if not text or "/" in text:
            text = f"x{text.replace('/', '.')}"
        path = f"/newsletter/{page}/{as_path(text)}/"
        press = {"do": "leave", "leave": "yes", "List-Unsubscribe": "One-Click"}
        statuses = [ask(method, path, press).status_code for method in METHODS]
        wanted = 200 if page == "unsubscribe" else 404
        assert statuses == [404, 404, wanted, 405, 405, 405], (text, statuses)
    assert standing() == before


def everyones(reader):
    """Tokens of ours for every purpose, whole and damaged."""
    row = reader.subscriptions.get()
    version = reader.token_version
    whole = {
        "unsubscribe": tokens.make(letters.UNSUBSCRIBE, [row.pk, version]),
        "preferences": tokens.make(letters.PREFERENCES, [reader.pk, version]),
        "own": tokens.make(letters.OWN, [reader.pk, version]),
        "old": tokens.make(letters.OWN, [reader.pk, version + 1]),
        "other": tokens.make("comments.mine", [reader.pk, version]),
    }
    opens = {"unsubscribe": {"unsubscribe"}, "preferences": {"preferences", "own"}, "confirm": set()}
    return whole, opens


@mark.parametrize("page", ["confirm", "preferences", "unsubscribe"])
def test_a_token_opens_its_own_page_only_and_only_whole(ask, reader, page):
    whole, opens = everyones(reader)
    before = standing()
    for purpose, token in whole.items():
        good = ask("get", f"/newsletter/{page}/{token}/").status_code == 200
        assert good == (purpose in opens[page]), purpose
        damaged = [token[:-1], token[: len(token) // 2], token * 2, token.swapcase(), f"{token}\0"]
        for other in damaged:
            for method in ("get", "post"):
                answer = ask(method, f"/newsletter/{page}/{as_path(other)}/", {"leave": "yes", "do": "leave"})
                assert answer.status_code == (200 if (page, method) == ("unsubscribe", "post") else 404), (
                    purpose,
                    other,
                )
    assert standing() == before


def test_what_a_dead_link_is_told_is_one_sentence_that_leads_on(ask, reader):
    for page in ("confirm", "preferences", "unsubscribe"):
        answer = ask("get", f"/newsletter/{page}/nonsense/")
        assert "cannot be used" in answer.text, answer.text
        assert "/newsletter/" in answer.text
        assert "noindex" in answer["X-Robots-Tag"]


@mark.parametrize("done", SOME)
def test_nothing_that_stands_in_an_address_is_repeated(ask, reader, done):
    token = everyones(reader)[0]["preferences"]
    answer = ask("get", f"/newsletter/preferences/{token}/?done={as_path(done)}")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.text and "alert(1)" not in answer.text


@mark.parametrize("every", [param(20, id="some"), EVERY])
def test_hostile_choices_are_refused_or_change_nothing_but_the_choice(ask, reader, every):
    token, row = everyones(reader)[0]["own"], reader.subscriptions.get()
    prefix = f"newsletter-{row.newsletter_id}"
    for text in [*strings()[::every], *SOME][::every]:
        text = text.encode("utf-8", "replace").decode()
        fields = (f"{prefix}-state", f"{prefix}-until", f"{prefix}-consent", "language", "time_zone", "do", "confirm")
        for field in fields:
            answer = ask("post", f"/newsletter/preferences/{token}/", {"do": "save", field: text})
            assert answer.status_code in (303, 400, 422), (field, text, answer.status_code)
    reader.refresh_from_db()
    assert (reader.email, reader.token_version) == ("reader@example.org", 1)
    row.refresh_from_db()
    assert row.state == SubscriptionState.ACTIVE
    assert preferring.visitor(token)


@mark.parametrize("address", ["/newsletter/", "/newsletter/preferences/"])
def test_a_known_and_an_unknown_address_are_answered_alike_whatever_hangs_on_them(ask, newsletter, reader, address):
    consent = newsletter.consent_texts.get().pk
    for text in SOME:
        text = text.encode("utf-8", "replace").decode()
        for typed in ("{0}@example.org" + text, text + "{0}@example.org", "{0}" + text + "@example.org"):
            seen = set()
            for name in ("reader", "nobody"):
                answer = ask("post", address, {"email": typed.replace("{0}", name), "consent": consent})
                body = answer.content.replace(name.encode(), b"NAME")
                seen.add((answer.status_code, body, answer.get("Location"), answer.headers["Content-Type"]))
            assert len(seen) == 1, text
