"""`manage.py doctor` says what is wrong and what to do, and changes nothing."""

import io
import socket
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command

from newsroom import doctor, jobs
from newsroom.doctor.findings import State
from newsroom.lib import clock
from subscribers.factories import make_issue, make_newsletter, make_notice
from subscribers.models import Batch, Newsletter, Sending, Suppression
from subscribers.states import IssueState, Rhythm

pytestmark = pytest.mark.django_db


def told(subject: str) -> list[tuple[State, str]]:
    return [(found.state, found.sentence) for found in doctor.examine() if found.subject == subject]


def said(subject: str) -> str:
    return "\n".join(f"{state}: {sentence}" for state, sentence in told(subject))


class Nothing:
    """A mail server's hands, which take nothing."""


@pytest.fixture
def server() -> Any:
    controller = Controller(Nothing(), hostname="127.0.0.1", port=0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        controller.port = free.getsockname()[1]
    controller.start()
    yield controller
    controller.stop()


def by_smtp(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port


def test_a_mail_server_that_answers_is_told_and_gets_no_mail(settings: Any, server: Any) -> None:
    by_smtp(settings, server.port)
    assert f"fine: The server 127.0.0.1:{server.port} answers" in said("Mail")
    assert mail.outbox == []


def test_one_that_does_not_is_wrong_and_the_command_says_so_to_whoever_watches(settings: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        by_smtp(settings, free.getsockname()[1])
        assert "cannot be reached" in said("Mail")
        assert "Look at EMAIL_URL" in said("Mail")
        out = io.StringIO()
        with pytest.raises(SystemExit, match="1"):
            call_command("doctor", stdout=out)
    assert "wrong  Mail: The server 127.0.0.1" in out.getvalue()


def test_mails_that_reach_nobody_are_told(settings: Any) -> None:
    assert "look: Mails are not sent but kept here" in said("Mail")
    settings.DEFAULT_FROM_EMAIL = "Newsroom <newsroom@localhost>"
    assert "look: They come from newsroom@localhost" in said("Mail")
    settings.DEFAULT_FROM_EMAIL = "Newsroom <post@news.example>"
    assert "fine: They come from post@news.example." in said("Mail")


def test_a_mail_service_without_its_key_is_wrong(settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.ANYMAIL = "anymail.backends.mailgun.EmailBackend", {}
    assert "wrong: The mail service lacks a setting. Write it into MAIL_SERVICE_SETTINGS." in said("Mail")


def test_ways_for_bounces_are_named_or_that_there_is_none(settings: Any) -> None:
    settings.BOUNCE_ADDRESS = settings.MAILGUN_WEBHOOK_KEY = settings.MAIL_WEBHOOK_PASSWORD = ""
    assert "look: Nobody learns which mails come back" in said("Bounces")
    settings.BOUNCE_ADDRESS, settings.MAILGUN_WEBHOOK_KEY = "bounces@news.example", "key"
    assert said("Bounces") == (
        "fine: They are learnt of by mails to bounces@news.example and by what these services tell: mailgun."
    )
    settings.MAIL_WEBHOOK_PASSWORD = "nameless"
    assert "wrong: MAIL_WEBHOOK_PASSWORD is no name:password" in said("Bounces")


def test_when_mails_of_an_issue_last_went_is_told() -> None:
    assert "No issue of a newsletter has been sent lately." in said("Mail")
    with time_machine.travel("2026-05-04 07:00:00+00:00", tick=False):
        moment = clock.now()
    fields: dict[str, Any] = {"worker": "w", "lease_until": moment, "started_at": moment, "closed_at": moment}
    Batch.objects.create(issue=make_issue(), sent=3, **fields)
    Batch.objects.create(issue=make_issue(), sent=0, **fields)
    assert "last handed over at 2026-05-04 07:00 UTC" in said("Mail")


def test_a_worker_is_told_of_or_missed() -> None:
    cache.delete(jobs.BEAT)
    assert said("Worker").startswith("wrong: None has been seen here")
    jobs.beat.call_local()
    assert said("Worker").startswith("fine: It was seen at")
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        assert "wrong: None has been seen since" in said("Worker")


def test_a_newsletters_next_digest_is_told_in_its_own_zone() -> None:
    weekly = make_newsletter(name="The week", rhythm=Rhythm.WEEKLY, weekday=5, zone="Europe/Berlin")
    Newsletter.objects.filter(pk=weekly.pk).update(send_at="07:00")
    with time_machine.travel("2026-11-23 12:00:00+00:00", tick=False):
        assert "fine: The next digest is made at 2026-11-27 07:00 CET (Europe/Berlin)." in said("Newsletter “The week”")
    Newsletter.objects.update(rhythm=Rhythm.COMPOSED)
    assert "composed by hand; times are those of Europe/Berlin" in said("Newsletter “The week”")


def test_a_newsletter_that_is_offered_without_a_notice_is_told() -> None:
    newsletter = Newsletter.objects.create(name="Bare", slug="bare")
    assert "look: Readers are not offered it" in said("Newsletter “Bare”")
    make_notice(newsletter, "We keep your address until you unsubscribe.")
    assert "not offered" not in said("Newsletter “Bare”")


@pytest.mark.parametrize("state", [IssueState.PAUSED, IssueState.FAILED])
def test_an_issue_that_stands_still_is_told(state: IssueState) -> None:
    make_issue(subject="Number one", state=state, content_hash="x")
    assert f"look: It is {state.label}" in said("Number one")


def test_mails_that_nobody_knows_of_and_a_server_that_takes_nothing_are_told() -> None:
    sending = make_issue(subject="Number two", state=IssueState.SENDING, content_hash="x")
    moment = clock.now() + timedelta(minutes=5)
    Sending.objects.create(issue=sending, uncertain=1, waits_until=moment, trouble="451 Try again later.")
    assert "look: The mail server does not take it" in said("Number two")
    assert "451 Try again later." in said("Number two")
    assert "look: Of 1 mails nobody knows" in said("Number two")


def test_proof_that_cannot_be_read_any_more_is_wrong() -> None:
    Suppression.objects.create(email_hmac="00000000:" + "0" * 64, reason="asked", at=clock.now())
    assert "wrong: 1 addresses that must never be mailed cannot be recognised" in said("Newsletter")


def test_a_site_without_https_is_told_and_a_database_that_is_up_to_date() -> None:
    assert "look: The address is" in said("Site")
    assert said("Database").startswith("fine: It answers")


def test_without_its_tables_nothing_else_is_asked_and_what_to_do_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    plan: list[Any] = [(None, False)] * 4
    monkeypatch.setattr("newsroom.doctor.site.MigrationExecutor.migration_plan", lambda self, targets: plan)
    found = list(doctor.examine())
    assert (found[-1].state, found[-1].subject) == (State.WRONG, "Database")
    assert "4 migrations are to be applied. Run `manage.py migrate`" in found[-1].sentence


def test_a_redis_that_does_not_answer_is_told_in_a_sentence_and_the_rest_is_looked_at(settings: Any) -> None:
    nowhere = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": nowhere}
    assert "wrong: Where the cache and the jobs are kept cannot be reached" in said("Worker")
    assert told("Mail")
