"""Mails that came back: told apart, put to the right delivery, and never believed without our mark."""

import os
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import time_machine
from django.core.management import CommandError, call_command
from pytest import fixture, mark, raises

from newsroom.lib import clock
from subscribers import consent, marks
from subscribers.bounces import mails, taking
from subscribers.factories import make_newsletter, make_subscriber
from subscribers.models import Bounce, ConsentEvent, Delivery, Sending, Subscription
from subscribers.sending import codes
from subscribers.states import BounceKind, DeliveryState
from subscribers.tests.sendings import make_issue, states

FILES = Path(os.environ.get("NEWSROOM_TEST_DATA", "/nowhere"), "bounces")
needs_files = mark.skipif(not FILES.is_dir(), reason="Name the folder of real material by NEWSROOM_TEST_DATA.")
LABELS = Path(__file__).with_name("bounce_labels.txt")

# Told apart wrongly, each for a reason.
MISSED = {
    "flufl.bounce/qmail_08.txt",  # says nothing but “Auto reply”
    "sisimai/maildir/bsd/arf-26.eml",  # a mail program unsubscribes by mail
    "sisimai/maildir/bsd/lhost-amazonses-13.eml",  # tells of an arrival
    "sisimai/maildir/bsd/lhost-apachejames-01.eml",  # looks like an answer of a person
    "sisimai/maildir/bsd/lhost-fml-02.eml",  # a mailing list answers
    "sisimai/maildir/bsd/lhost-fml-03.eml",
    "sisimai/maildir/bsd/lhost-kddi-01.eml",  # in Japanese alone, from nobody in particular
    "sisimai/maildir/dos/lhost-apachejames-01.eml",
    "sisimai/maildir/dos/lhost-kddi-01.eml",
}
# Called hard, and says only that the server does not serve us.
MISJUDGED = {"sisimai/maildir/bsd/lhost-qmail-04.eml", "sisimai/maildir/bsd/rfc3464-06.eml"}


def of_corpus(path):
    """The class that the corpus gives by its file names."""
    if path.name.startswith("arf"):
        return "complaint"
    return "not a bounce" if path.name.startswith("rfc3834") or path.parent.name == "not" else "bounce"


def told(found):
    if found.kind is None:
        return "not a bounce"
    return "complaint" if found.kind == BounceKind.COMPLAINT else "bounce"


@mark.once
@needs_files
def test_bounces_complaints_and_others_are_told_apart_in_98_of_100_real_mails():
    paths = [path for path in sorted(FILES.rglob("*")) if path.suffix in (".eml", ".txt")]
    wrong = {str(p.relative_to(FILES)) for p in paths if told(mails.read(p.read_bytes())) != of_corpus(p)}
    assert wrong == MISSED
    assert len(wrong) <= 0.02 * len(paths)


@mark.once
@needs_files
def test_hard_and_soft_are_told_apart():
    labels = [line.split(" ", 1) for line in LABELS.read_text().splitlines() if not line.startswith("#")]
    wrong = {name for kind, name in labels if mails.read((FILES / name).read_bytes()).kind != kind}
    assert wrong == MISJUDGED


@mark.once
@mark.parametrize(
    ("said", "kind"),
    [
        ("550 5.1.1 <a@example.org>: Recipient address rejected: User unknown", "hard"),
        ("550 No such user here", "hard"),
        ("550 5.2.1 Mailbox disabled, this account is inactive", "hard"),
        ("552 5.2.2 Mailbox full", "soft"),
        ("550 5.7.1 Blocked by our policy", "soft"),
        ("554 5.7.1 Service unavailable; client host blocked using a block list", "soft"),
        ("550 Sender address rejected: unknown user in local table", "soft"),
        ("450 4.1.1 User unknown, greylisted", "soft"),
        ("554 Transaction failed", "soft"),
        ("", "soft"),
    ],
)
def test_only_what_is_about_the_mailbox_is_hard(said, kind):
    assert codes.kind_of(codes.status_in(said), said) == kind


# Hostile mails -------------------------------------------------------------------------------


def deep(levels):
    mail = b"Content-Type: text/plain\n\nUser unknown"
    for level in range(levels):
        mail = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n%s\n--b%d--\n" % (level, level, mail, level)
    return b"From: mailer-daemon@example.org\nSubject: failure notice\n" + mail


@mark.once
@mark.parametrize(
    "raw",
    [
        b"",
        b"\0" * 1000,
        b"\xff\xfe" * 5000,
        b"\n" * 100_000,
        b"Subject: =?utf-8?b?////?=\nFrom: mailer-daemon@example.org\n\nUser unknown",
        b"Content-Type: text/plain; charset=nonsense\nFrom: postmaster@a\n\nno such user \xff",
        b'Content-Type: text/plain; charset="utf-7"\nFrom: postmaster@a\n\n+AGEgadmkm-',
        b"Content-Type: multipart/report; boundary=\n\n--\n",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=a\n\n--a\n"
        b"Content-Type: message/delivery-status\n\n" + b"Final-Recipient: " * 20_000,
        b"Content-Transfer-Encoding: base64\nFrom: mailer-daemon@a\nSubject: bounce\n\n" + b"=" * 10_000,
        b"From: " + b"(" * 50_000 + b"\nSubject: failure notice\n\nrejected",
        b"Subject: " + b"deliver " * 30_000 + b"\n\n" + b"news-1-1-" * 50_000,
        b"From: mailer-daemon@a\n\n" + b"user " * 200_000,
        b"From: mailer-daemon@a\n\n" + b"A" * 3_000_000,
        deep(500),
        deep(5000),
    ],
    ids=range(16),
)
def test_hostile_mails_end_with_a_sentence_and_soon(raw):
    with time_machine.travel(0, tick=True):
        began = clock.now()
        found = mails.read(raw)
        assert (clock.now() - began).total_seconds() < 5
    assert found.kind is not None or found.why.endswith(".")


# Consequences --------------------------------------------------------------------------------


@mark.django_db
@mark.parametrize(
    "words", [b"charset=utf-7\n\n550 5.1.1 +2AA- user unknown", b"charset=utf-8\n\n550 5.1.1 no=00such user"]
)
def test_letters_that_no_database_keeps_do_not_hold_up_the_mails_that_follow(words):
    reader = make_subscriber("alice@example.com", make_newsletter(name="The Week", slug="week"))
    note = f"In-Reply-To: {marks.message_id(marks.make(1, reader.pk))}\n".encode()
    head = b"From: MAILER-DAEMON@a\nSubject: Undelivered Mail\nContent-Transfer-Encoding: quoted-printable\n"
    assert taking.take(head + note + b"Content-Type: text/plain; " + words) != "not a bounce"
    assert "user" in Bounce.objects.get().said


BOUNCE = """\
From: Mail Delivery System <MAILER-DAEMON@mx.example.org>
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <{number}@mx.example.org>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

I could not deliver your mail.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; reader@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
To: reader@example.org

--b--
"""
ARF = """\
From: feedback@isp.example
To: abuse@news.example
Subject: complaint
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: text/plain

This is a complaint.

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
Version: 1

--b
Content-Type: message/rfc822

Message-ID: {message_id}

Text
--b--
"""


@fixture
def reader(db):
    return make_subscriber("reader@example.org", make_newsletter(name="The Week", slug="week"))


@fixture
def issue(reader):
    made = make_issue(reader.subscriptions.get().newsletter)
    Sending.objects.create(issue=made, lanes=[""], handed_over=1)
    Delivery.objects.create(issue=made, subscriber=reader, state=DeliveryState.HANDED_OVER, changed_at=clock.now())
    return made


def came_back(issue, reader, status="5.1.1", said="550 5.1.1 User unknown", action="failed", number=1, **place):
    """A bounce that bears the mark in the Message-ID of what came back, or wherever is said."""
    message_id = marks.message_id(marks.make(issue.pk, reader.pk))
    places = {"to": "newsroom@localhost", "message_id": message_id} | place
    return BOUNCE.format(status=status, said=said, action=action, number=number, **places).encode()


def test_a_hard_bounce_keeps_mail_from_the_address_at_once(issue, reader):
    assert taking.take(came_back(issue, reader)) == "hard"
    assert states(issue) == {"bounced": 1}
    assert consent.suppressed("reader@example.org", issue.newsletter)
    bounce = Bounce.objects.get()
    assert (bounce.status, bounce.said, bounce.way) == ("5.1.1", "550 5.1.1 User unknown", "mail")


def test_the_address_that_it_came_back_to_names_the_delivery_as_well(issue, reader, settings):
    settings.BOUNCE_ADDRESS = "bounces@news.example"
    to = marks.sender(issue.pk, reader.pk)
    assert taking.take(came_back(issue, reader, to=to, message_id="<lost@example.org>")) == "hard"
    assert states(issue) == {"bounced": 1}


def test_the_same_mail_read_twice_counts_once(issue, reader):
    raw = came_back(issue, reader)
    assert [taking.take(raw) for _time in range(2)] == ["hard", "known"]
    assert Bounce.objects.count() == 1


def test_soft_bounces_count_by_days_and_five_are_enough(issue, reader):
    with time_machine.travel("2036-05-04T07:00Z") as traveller:
        for day in range(5):
            assert not consent.suppressed("reader@example.org", issue.newsletter)
            for time in range(3):
                traveller.move_to(f"2036-05-{4 + day:02}T{10 + time}:00Z")
                raw = came_back(issue, reader, "5.2.2", "552 5.2.2 Mailbox full", number=10 * day + time)
                assert taking.take(raw) == "soft"
        assert consent.suppressed("reader@example.org", issue.newsletter)


def test_a_delay_changes_nothing(issue, reader):
    assert taking.take(came_back(issue, reader, "4.4.1", "451 Try later", action="delayed")) == "delay"
    assert states(issue) == {"handed_over": 1}


def test_a_complaint_ends_everything_and_the_proof_says_so(issue, reader):
    message_id = marks.message_id(marks.make(issue.pk, reader.pk))
    raw = ARF.format(message_id=message_id).encode()
    assert taking.take(raw) == "complaint"
    assert states(issue) == {"complained": 1}
    assert Subscription.objects.get().state == "unsubscribed"
    assert ConsentEvent.objects.filter(kind="complained").count() == 1


def test_a_complaint_bars_the_address_where_it_bears_what_no_reader_sees(issue, reader, settings):
    settings.BOUNCE_ADDRESS = "bounces@news.example"
    returned = f"Return-Path: <{marks.sender(issue.pk, reader.pk)}>\n"
    message_id = marks.message_id(marks.make(issue.pk, reader.pk))
    raw = ARF.format(message_id=message_id).replace("Message-ID: ", f"{returned}Message-ID: ", 1).encode()
    assert taking.take(raw) == "complaint"
    assert consent.suppressed("reader@example.org", issue.newsletter)


def test_who_was_forwarded_a_mail_can_bar_nobody_by_its_message_id(issue, reader, settings):
    settings.BOUNCE_ADDRESS = "bounces@news.example"
    assert taking.take(came_back(issue, reader)) == "unknown"
    message_id = marks.message_id(marks.make(issue.pk, reader.pk))
    assert taking.take(ARF.format(message_id=message_id).encode()) == "complaint"
    assert not consent.suppressed("reader@example.org", issue.newsletter)
    assert not Bounce.objects.filter(kind="hard").exists()
    forged = marks.make(issue.pk, reader.pk)
    assert taking.take(came_back(issue, reader, to=f"bounces+{forged}@news.example", number=2)) == "unknown"


@mark.parametrize("change", ["tag", "reader", "none"])
def test_a_forged_bounce_harms_nobody(issue, reader, change):
    mark_ = marks.make(issue.pk, reader.pk)
    other = make_subscriber("victim@example.org", issue.newsletter)
    forged = {
        "tag": mark_[:-1] + ("0" if mark_[-1] != "0" else "1"),
        "reader": mark_.replace(f"-{reader.pk}-", f"-{other.pk}-"),
        "none": "something",
    }[change]
    assert taking.take(came_back(issue, reader, message_id=f"<{forged}@localhost>")) == "unknown"
    assert states(issue) == {"handed_over": 1}
    assert not Bounce.objects.exists()


def test_whoever_was_erased_is_nobodys_bounce(issue, reader):
    raw = came_back(issue, reader)
    Delivery.objects.update(subscriber=None)
    reader.delete()
    assert taking.take(raw) == "known"


# The command ---------------------------------------------------------------------------------


def read(*arguments, **options):
    out = StringIO()
    call_command("read_bounces", *arguments, stdout=out, **options)
    return out.getvalue().splitlines()


def test_a_maildir_is_read_once(issue, reader, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1").write_bytes(came_back(issue, reader))
    (tmp_path / "new" / "2").write_bytes(b"Subject: Hello\n\nHow are you?")
    assert read(tmp_path) == [
        "1 will never arrive: their addresses get no more mail.",
        "1 are neither bounces nor complaints.",
    ]
    assert sorted(file.name for file in (tmp_path / "cur").iterdir()) == ["1:2,S", "2:2,S"]
    assert read(tmp_path) == ["There was no mail."]


def test_an_mbox_a_folder_and_a_pipe_are_read(issue, reader, tmp_path, monkeypatch):
    raw = came_back(issue, reader)
    box = tmp_path / "box"
    box.write_bytes(b"From daemon Mon Jan  1 00:00:00 2036\n" + raw + b"\nFrom daemon Mon Jan  1 00:00:00 2036\n" + raw)
    assert read(box) == ["1 will never arrive: their addresses get no more mail.", "1 had been read before."]
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "one.eml").write_bytes(came_back(issue, reader, "4.4.1", "451 Later", action="delayed"))
    assert read(folder) == ["1 are still being tried by another server: nothing to do."]
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"Subject: Hello\n\nHello")))
    assert read() == ["1 are neither bounces nor complaints."]


def test_a_place_that_is_not_there_is_said(db):
    with raises(CommandError, match="There is no /nowhere"):
        read(Path("/nowhere"))
