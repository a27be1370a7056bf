"""The mail to confirm, over a real SMTP connection."""

from email import message_from_bytes, policy
from smtplib import SMTPException
from socket import socket
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from django.core import mail
from pytest import fixture, mark, raises

from newsroom.lib.mail import deliver
from subscribers.factories import make_newsletter
from subscribers.models import Subscriber


class Letterbox:
    """Takes mails, or answers all of them with `refusal`, or their recipients with `refusal_of_recipients`."""

    def __init__(self):
        self.mails, self.refusal, self.refusal_of_recipients = [], "", ""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refusal_of_recipients:
            return self.refusal_of_recipients
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.refusal:
            return self.refusal
        self.mails.append(envelope)
        return "250 OK"


@fixture
def server(settings):
    letterbox = Letterbox()
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(letterbox, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    mail.outbox = []
    yield letterbox
    controller.stop()


def test_the_mail_to_confirm_arrives_as_text_and_html_and_its_link_works(server, subscribe, press):
    subscribe("Reader@München.de")
    (envelope,) = server.mails
    assert envelope.rcpt_tos == ["Reader@xn--mnchen-3ya.de"]
    message = message_from_bytes(envelope.content, policy=policy.default)
    assert message["To"] == "Reader@xn--mnchen-3ya.de"
    assert message["Subject"] == "Please confirm your subscription to the newsletter of The Newsroom"
    assert message["Auto-Submitted"] == "auto-generated"
    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    address = next(word for word in text.split() if "/newsletter/confirm/" in word)
    assert address in html
    assert "- The Week" in text
    assert press(urlsplit(address).path)["Location"] == "/newsletter/confirmed/"
    assert Subscriber.objects.get().email_norm == "reader@xn--mnchen-3ya.de"


def test_a_newsletter_with_an_odd_name_stays_in_its_place(server, subscribe):
    other = make_newsletter(name='Bürger & "Friends"\u2028Bcc: x@example.org', slug="odd")
    subscribe(data={"consent": other.consent_texts.get().pk})
    (envelope,) = server.mails
    assert envelope.rcpt_tos == ["reader@example.org"]
    assert b"\nBcc:" not in envelope.content.partition(b"\r\n\r\n")[0]


def test_the_mail_server_that_refuses_for_now_is_tried_again_and_gets_the_same_message(server, monkeypatch, subscribe):
    kept = []
    monkeypatch.setattr("newsroom.lib.mail.deliver", lambda *parts: kept.append(parts))
    subscribe()
    server.refusal = "451 Try again later"
    with raises(Exception, match="Try again later"):
        deliver.call_local(*kept[0])  # the worker runs it again, since it failed
    server.refusal = ""
    deliver.call_local(*kept[0])
    deliver.call_local(*kept[0])
    first, second = (message_from_bytes(envelope.content)["Message-ID"] for envelope in server.mails)
    assert first == second


@mark.parametrize("place", ["refusal", "refusal_of_recipients"])
def test_a_mail_that_is_refused_for_good_is_not_tried_again(server, place, caplog):
    setattr(server, place, "550 No such mailbox")
    deliver.call_local("gone@example.org", "Subject", "Text", "<p>Text</p>", {})
    (line,) = [record.getMessage() for record in caplog.records if record.name == "newsroom.lib.mail"]
    assert line.startswith("A mail to example.org was refused for good")


@mark.parametrize("place", ["refusal", "refusal_of_recipients"])
def test_a_mail_that_is_refused_for_now_is_tried_again(server, place):
    setattr(server, place, "450 Mailbox busy")
    with raises(SMTPException):
        deliver.call_local("busy@example.org", "Subject", "Text", "<p>Text</p>", {})


def test_a_mail_server_that_is_away_is_tried_again(settings, server):
    settings.EMAIL_PORT = 1
    with raises(OSError):
        deliver.call_local("a@example.org", "Subject", "Text", "<p>Text</p>", {})
