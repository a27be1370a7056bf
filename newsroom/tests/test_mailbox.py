"""/mail/ shows a demo's mails on the machine itself, and to nobody else."""

import os
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from pytest import fixture, mark


@fixture
def demo(settings, tmp_path):
    settings.DEMO = True
    settings.SITE_URL = "http://127.0.0.1:8000"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.ALLOWED_HOSTS = ["*"]
    return settings


@fixture
def sent(demo):
    """Send a mail, and say at which address it is read."""

    def send(subject="Grüße", text="See http://127.0.0.1:8000/newsletter/confirm/x/", html="<p>Hello</p>"):
        message = EmailMultiAlternatives(subject, text, to=["reader@example.org"])
        message.attach_alternative(f"<html><head></head><body>{html}</body></html>", "text/html")
        with outbox.get_connection() as connection:
            connection.send_messages([message])

    return send


HERE = {"headers": {"Host": "127.0.0.1:8000"}}


def newest(client):
    return client.get("/mail/", **HERE).context["mails"][0]


def test_an_empty_box_says_what_to_do(client, demo, db):
    page = client.get("/mail/", **HERE)
    assert page.status_code == 200
    assert "Subscribe to the newsletter" in page.text


def test_mails_are_listed_and_read_with_their_links(client, sent, db):
    sent()
    assert "Grüße" in client.get("/mail/", **HERE).text
    page = client.get(reverse("mailbox-mail", args=[newest(client).name]), **HERE)
    assert '<a href="http://127.0.0.1:8000/newsletter/confirm/x/"' in page.text
    assert "reader@example.org" in page.text


def test_several_mails_of_one_connection_are_told_apart(client, demo, db):
    with outbox.get_connection() as connection:
        connection.send_messages([EmailMultiAlternatives(f"Number {n}", "x", to=["a@example.org"]) for n in range(3)])
    subjects = {mail.message["Subject"] for mail in client.get("/mail/", **HERE).context["mails"]}
    assert subjects == {"Number 0", "Number 1", "Number 2"}


def test_the_html_of_a_mail_runs_nothing_and_loads_nothing(client, sent, db):
    sent(html='<script>alert(1)</script><img src="https://evil.example/pixel.gif">')
    page = client.get(reverse("mailbox-html", args=[newest(client).name]), **HERE)
    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    frame = client.get(reverse("mailbox-mail", args=[newest(client).name]), **HERE).text
    assert "<script>alert" not in frame
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in frame


@mark.parametrize(
    "request_",
    [
        {"REMOTE_ADDR": "203.0.113.9", **HERE},
        {"REMOTE_ADDR": "", **HERE},
        {"headers": {"Host": "evil.example:8000"}},
        {"headers": {"Host": "127.0.0.1.evil.example"}},
        {"headers": {"Host": "127.0.0.1:8000", "X-Forwarded-For": "203.0.113.9"}},
        {"headers": {"Host": "127.0.0.1:8000", "X-Forwarded-For": "127.0.0.1"}},
        {"headers": {"Host": "127.0.0.1:8000", "X-Forwarded-Host": "news.example"}},
        {"headers": {"Host": "127.0.0.1:8000", "X-Forwarded-Proto": "https"}},
        {"headers": {"Host": "127.0.0.1:8000", "Forwarded": "for=203.0.113.9"}},
    ],
)
def test_whoever_is_not_at_the_machine_finds_nothing(client, sent, db, request_):
    sent()
    name = newest(client).name
    for address in ("/mail/", f"/mail/{name}/", f"/mail/{name}/html/"):
        assert client.get(address, **request_).status_code == 404


def test_without_demo_there_is_no_such_page(client, demo, db):
    demo.DEMO = False
    assert client.get("/mail/", **HERE).status_code == 404


@mark.parametrize("site", ["https://news.example", "http://192.0.2.7:8000", "http://127.0.0.1.evil.example"])
def test_a_site_for_others_has_no_such_page(client, demo, db, site):
    demo.SITE_URL = site
    assert client.get("/mail/", **HERE).status_code == 404


@mark.parametrize("site", ["http://localhost:8001", "http://[::1]:8000"])
def test_a_site_for_this_machine_has_it_under_each_of_its_names(client, demo, db, site):
    demo.SITE_URL = site
    assert client.get("/mail/", **HERE).status_code == 200


def test_times_have_their_zone(client, sent, db):
    sent()
    at = datetime(2026, 5, 4, 12, tzinfo=UTC).timestamp()
    os.utime(next(Path(settings.EMAIL_FILE_PATH).glob("*.log")), (at, at))
    assert "4 May 2026, 12:00 <abbr>UTC</abbr>" in client.get("/mail/", **HERE).text


@mark.parametrize(
    "name", ["..%2f..%2fsecret.key.0", "x.log.0", "20260504-120000-1.log.99", "20260504-120000-1.log.x", "."]
)
def test_only_mails_are_read(client, sent, db, name):
    sent()
    assert client.get(f"/mail/{name}/", **HERE).status_code == 404


def test_nothing_is_changed_or_kept(client, sent, db):
    sent()
    assert client.post("/mail/", **HERE).status_code == 405
    assert "no-store" in client.get("/mail/", **HERE)["Cache-Control"]
