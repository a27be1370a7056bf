"""Issues handed to mail services over HTTP with django-anymail, and to backends that raise errors of their own."""

import json
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

import time_machine
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse
from pytest import fixture, mark

from newsroom.lib import clock
from newsroom.testing import client_of
from subscribers.models import Bounce, Delivery, Issue, Sending, Suppression
from subscribers.sending import worker
from subscribers.tests.mailserver import free_port
from subscribers.tests.sendings import make_issue, make_readers, send, state_of, states

pytestmark = mark.django_db

MAILGUN = "anymail.backends.mailgun.EmailBackend"
QUEUED = {"id": "<1@example.org>", "message": "Queued. Thank you."}


class Service(BaseHTTPRequestHandler):
    """Answers as the service of the test says: `answer(recipient)` gives status and JSON, or text, or None: cut off."""

    def do_POST(self):
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        found = json.loads(sent)["To"] if sent.startswith("{") else _recipient(sent)
        self.server.asked.append(found)
        answer = self.server.answer(found)
        if answer is None:
            self.close_connection = True
            return
        status, body = answer
        said = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_arguments):
        return


def _recipient(form):
    """The "to" of a form, which is encoded in one of two ways."""
    if "form-data" in form:
        return form.partition('name="to"')[2].split("\r\n")[2]
    return parse_qs(form)["to"][0]


@contextmanager
def _service(settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.asked, server.answer = [], lambda _to: (200, QUEUED)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@fixture
def mailgun(settings):
    with _service(settings) as server:
        settings.EMAIL_BACKEND = MAILGUN
        settings.ANYMAIL = {"MAILGUN_API_KEY": "key", "MAILGUN_API_URL": f"http://127.0.0.1:{server.server_port}/v3"}
        yield server


@fixture
def postmark(settings):
    with _service(settings) as server:
        settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
        settings.ANYMAIL = {
            "POSTMARK_SERVER_TOKEN": "token",
            "POSTMARK_API_URL": f"http://127.0.0.1:{server.server_port}",
        }
        yield server


def _answering(server, *, otherwise=(200, QUEUED), **by_name):
    """Answers by the reader's name."""
    server.answer = lambda to: by_name.get(to.partition("@")[0], otherwise)


# What one mail meets -----------------------------------------------------------------------------


@mark.parametrize(
    ("answer", "state"),
    [
        ((400, {"message": "'to' parameter is not a valid address"}), "deferred"),
        ((500, "Internal Server Error"), "uncertain"),
        ((502, "<html>Bad Gateway</html>"), "uncertain"),
        ((200, "It works!"), "uncertain"),
        ((408, ""), "uncertain"),
        (None, "uncertain"),
    ],
)
def test_what_an_answer_about_one_mail_means(mailgun, answer, state):
    _answering(mailgun, reader1=answer)
    issue = make_issue(make_readers(3))
    send()
    assert states(issue) == {"handed_over": 2, state: 1}
    assert state_of("reader1@example.org") == state
    assert sorted(mailgun.asked) == [f"reader{number}@example.org" for number in range(3)]  # each once
    assert Delivery.objects.get(state=state).answer.startswith("AnymailRequestsAPIError: ")
    assert not Bounce.objects.exists()


@mark.parametrize(
    ("answer", "state"),
    [
        ({"ErrorCode": 406, "Message": "You tried to send to recipients marked as inactive. Found inactive addresses: "
          "reader1@example.org. Inactive recipients are ones that have generated a hard bounce."}, "bounced"),
        ({"ErrorCode": 300, "Message": "Error parsing 'To': Illegal email address 'reader1@example.org'."}, "bounced"),
        ({"ErrorCode": 400, "Message": "The 'From' address you supplied is not a Sender Signature."}, "deferred"),
    ],
)  # fmt: skip
def test_only_a_word_about_the_recipient_is_a_bounce(postmark, answer, state):
    taken = {"ErrorCode": 0, "Message": "OK", "MessageID": "1", "To": "reader@example.org"}
    _answering(postmark, reader1=(422, answer), otherwise=(200, taken))
    issue = make_issue(make_readers(3))
    send()
    assert states(issue) == {"handed_over": 2, state: 1}
    assert Bounce.objects.count() == (state == "bounced")
    assert not Suppression.objects.exists()  # one such word may be about the content; five days of them are not


def test_recipients_that_are_refused_one_after_the_other_keep_nobody_waiting(postmark):
    said = "Found inactive addresses: %s. Inactive recipients are ones that ..."
    postmark.answer = lambda to: (422, {"ErrorCode": 406, "Message": said % to})
    issue = make_issue(make_readers(8))
    send()
    assert states(issue) == {"bounced": 8}
    assert Issue.objects.get().state == "sent"


# What all mails meet -----------------------------------------------------------------------------


@mark.parametrize(
    ("status", "said"),
    [(401, "Forbidden"), (403, "No"), (402, "Pay"), (404, "Domain not found: x"), (429, "Slow down"), (503, "Busy")],
)
def test_a_service_that_takes_nothing_from_us_is_left_alone_and_loses_nobody(mailgun, status, said):
    mailgun.answer = lambda _to: (status, said)
    issue = make_issue(make_readers(5))
    assert send() > clock.now()
    assert states(issue) == {"queued": 5}
    assert len(mailgun.asked) == 1
    assert str(status) in Sending.objects.get().trouble
    mailgun.answer = lambda _to: (200, QUEUED)
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        send()
    assert states(issue) == {"handed_over": 5}
    assert Sending.objects.get().trouble == ""


def test_a_service_that_cannot_be_reached_loses_nobody(mailgun, settings):
    settings.ANYMAIL = {**settings.ANYMAIL, "MAILGUN_API_URL": f"http://127.0.0.1:{free_port()}/v3"}
    issue = make_issue(make_readers(5))
    send()
    assert states(issue) == {"queued": 5}
    assert "Connection refused" in Sending.objects.get().trouble


@mark.parametrize(
    "wrong",
    [
        {"EMAIL_BACKEND": MAILGUN, "ANYMAIL": {}},
        {"EMAIL_BACKEND": "anymail.backends.nobody.EmailBackend"},
        {"EMAIL_BACKEND": MAILGUN, "ANYMAIL": {"MAILGUN_API_KEY": "k", "MAILGUN_API_URL": "x"}},
    ],
)  # fmt: skip
def test_wrong_settings_lose_nobody_and_are_said_in_the_admin(settings, wrong):
    for name, value in wrong.items():
        setattr(settings, name, value)
    issue = make_issue(make_readers(5))
    send()
    assert states(issue) == {"queued": 5}
    assert Sending.objects.get().trouble
    assert Sending.objects.get().waits_until > clock.now()


def test_mails_that_are_refused_one_after_the_other_are_about_us_as_well(mailgun):
    """Whatever it is, it is tried again, with an ever longer wait between, until somebody mends it."""
    mailgun.answer = lambda _to: (400, {"message": "from parameter is not a valid address"})
    issue = make_issue(make_readers(30))
    send()
    assert states(issue) == {"deferred": worker.LOST_IN_A_ROW, "queued": 30 - worker.LOST_IN_A_ROW}
    assert "from parameter" in Sending.objects.get().trouble


# Errors before or instead of an answer ----------------------------------------------------------


class Moody(BaseEmailBackend):
    """Raises what the test says at the second mail."""

    error: Exception | None = None
    count = 0

    def send_messages(self, messages):
        type(self).count += 1
        if self.error and self.count == 2:
            raise self.error
        return len(messages)


@mark.parametrize(
    ("name", "state"),
    [
        ("AnymailRecipientsRefused", "bounced"),
        ("AnymailSerializationError", "deferred"),
        ("AnymailInvalidAddress", "deferred"),
        ("AnymailUnsupportedFeature", "deferred"),
        ("AnymailAPIError", "uncertain"),
        ("ZeroDivisionError", "uncertain"),
    ],
)
def test_whatever_a_backend_raises_the_others_get_theirs(settings, monkeypatch, name, state):
    import anymail.exceptions

    error = getattr(anymail.exceptions, name, ZeroDivisionError)()
    monkeypatch.setattr(Moody, "error", error)
    monkeypatch.setattr(Moody, "count", 0)
    settings.EMAIL_BACKEND = f"{__name__}.Moody"
    issue = make_issue(make_readers(4))
    send()
    assert states(issue) == {"handed_over": 3, state: 1}
    assert not Suppression.objects.exists()  # nobody has said that there is no such mailbox


@mark.parametrize(
    ("answer", "told"),
    [
        ((401, "Forbidden"), "AnymailRequestsAPIError: Mailgun API response 401"),
        ((200, "It works!"), "Invalid JSON in Mailgun API response"),
        (None, "Connection aborted"),
    ],
)
def test_a_test_mail_that_is_not_taken_is_told_in_one_sentence(mailgun, nora, answer, told):
    mailgun.answer = lambda _to: answer
    issue = make_issue(make_readers(1))
    page = _try_out(nora, issue)
    (message,) = page.context["messages"]
    assert str(message).startswith("The mail server did not take the test mail. It said: “")
    assert told in str(message)
    assert "\n" not in str(message)


def _try_out(user, issue):
    address = reverse("admin:subscribers_issue_test", args=[issue.pk])
    return client_of(user).post(address, {"address": "me@example.org"}, follow=True)


def test_a_test_mail_with_wrong_settings_is_told_as_well(settings, nora):
    settings.EMAIL_BACKEND, settings.ANYMAIL = MAILGUN, {}
    issue = make_issue(make_readers(1))
    page = _try_out(nora, issue)
    assert "It said: “AnymailConfigurationError" in str(next(iter(page.context["messages"])))
