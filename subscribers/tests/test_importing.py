"""Lists from elsewhere: who comes in, who stays out, and one sentence for each line."""

import hashlib
import io
import json
import logging
import os
import re
import time
import tracemalloc
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median

import time_machine
from django.core.files.base import File
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st
from pytest import fixture, mark, raises, skip

from subscribers import consent, leaving, privacy
from subscribers.factories import make_newsletter, make_subscriber
from subscribers.lists import exporting, runs, tables
from subscribers.lists.importing import Verdict
from subscribers.lists.tables import Unreadable
from subscribers.models import ConsentEvent, Import, Subscriber, Subscription, Suppression
from subscribers.states import ConsentKind, SubscriptionState, SuppressionReason

log = logging.getLogger(__name__)


@fixture
def take_in(newsletter, nora):
    """Import a text (or bytes), and say what became of each line."""

    def run(content, *, dry_run=False, into=None, **options):
        file = io.BytesIO(content.encode() if isinstance(content, str) else content)
        file.name = "list.csv"
        options = {"file_name": "list.csv", "claim": "They ticked a box at the fair.", "by": nora, **options}
        return list(runs.at_once(into or newsletter, file, dry_run=dry_run, **options))

    return run


def verdicts(findings):
    return [finding.verdict for finding in findings]


def states():
    return {row.subscriber.email: row.state for row in Subscription.objects.select_related("subscriber")}


# Verdicts -------------------------------------------------------------------------------------


def test_an_address_is_subscribed_with_the_consent_that_is_claimed(take_in, newsletter, nora):
    take_in("email,created_at,language\nReader@Example.org,2020-02-01T10:00:00Z,de\n")
    reader = Subscriber.objects.get()
    assert (reader.email, reader.email_norm, reader.language) == ("Reader@example.org", "reader@example.org", "de")
    assert reader.subscriptions.get().state == SubscriptionState.ACTIVE
    event = consent.events_of("reader@example.org").get()
    assert (event.kind, event.way, event.by) == (ConsentKind.IMPORTED, "import", nora)
    assert event.claimed_at == datetime(2020, 2, 1, 10, tzinfo=UTC)
    assert (event.imported.claim, event.imported.file_name) == ("They ticked a box at the fair.", "list.csv")
    assert event.consent_text is None  # nobody agreed to words of ours


def test_every_line_gets_its_verdict_and_a_sentence(take_in, newsletter):
    make_subscriber("here@example.org", newsletter)
    leaving.leave(make_subscriber("left@example.org", newsletter).subscriptions.get(), way="page")
    consent.suppress("never@example.org", reason=SuppressionReason.COMPLAINED)
    consent.suppress("not-this@example.org", reason=SuppressionReason.BOUNCED, newsletter=newsletter)
    consent.suppress("not-that@example.org", reason=SuppressionReason.BOUNCED, newsletter=make_newsletter())
    found = take_in(
        "email;state\n"
        "new@example.org;active\n"
        "here@example.org;active\n"
        "left@example.org;active\n"
        "never@example.org;active\n"
        "not-this@example.org;active\n"
        "not-that@example.org;active\n"
        "NEW@example.org;active\n"
        "nobody;active\n"
        ";active\n"
        "waiting@example.org;pending\n"
        "strange@example.org;sleeping\n"
        "gone@example.org;unsubscribed\n"
    )
    assert [(finding.line, str(finding.verdict)) for finding in found] == [
        (2, "subscribed"),
        (3, "present"),
        (4, "unsubscribed"),
        (5, "suppressed"),
        (6, "suppressed"),
        (7, "subscribed"),
        (8, "double"),
        (9, "invalid"),
        (10, "invalid"),
        (11, "unconfirmed"),
        (12, "invalid"),
        (13, "unsubscribed"),
    ]
    assert all(finding.sentence.endswith(".") for finding in found)
    assert found[6].sentence == "This address stands in line 2 already."
    assert states() == {
        "new@example.org": "active",
        "not-that@example.org": "active",
        "here@example.org": "active",
        "left@example.org": "unsubscribed",
        "gone@example.org": "unsubscribed",
    }


def test_a_dry_run_says_the_same_and_writes_nothing(take_in, newsletter):
    make_subscriber("here@example.org", newsletter)
    content = (
        "email,state\nnew@example.org,\nhere@example.org,unsubscribed\nbad,\nc@example.org,complained\nnew@example.org,"
    )
    before = Subscription.objects.count(), ConsentEvent.objects.count(), Suppression.objects.count()
    rehearsed = take_in(content, dry_run=True)
    assert (Subscription.objects.count(), ConsentEvent.objects.count(), Suppression.objects.count()) == before
    assert not Import.objects.exists()
    assert take_in(content) == rehearsed


def test_importing_again_changes_nothing(take_in):
    content = (
        "email,state\na@example.org,\nb@example.org,unsubscribed\nc@example.org,bounced\nd@example.org,complained\n"
    )
    take_in(content)
    before = ConsentEvent.objects.count()
    suppressed = [Verdict.SUPPRESSED] * 2
    assert verdicts(take_in(content)) == [Verdict.PRESENT, Verdict.UNSUBSCRIBED, *suppressed]
    assert (ConsentEvent.objects.count(), Suppression.objects.count()) == (before, 2)


# Nobody is revived ------------------------------------------------------------------------------


def test_who_was_erased_is_not_revived_by_an_import(take_in, newsletter):
    make_subscriber("reader@example.org", newsletter)
    privacy.erase("reader@example.org")
    for content in ("email\nREADER@example.org\n", "email,state\nreader@example.org,unsubscribed\n"):
        take_in(content)
    assert not Subscriber.objects.exists()


def test_who_left_and_was_forgotten_is_not_revived_even_without_a_suppression(take_in, newsletter):
    leaving.leave(make_subscriber("reader@example.org", newsletter).subscriptions.get(), way="page")
    Subscriber.objects.all().delete()
    assert verdicts(take_in("email\nreader@example.org\n")) == [Verdict.UNSUBSCRIBED]
    assert not Subscriber.objects.exists()


def test_the_stricter_line_counts_wherever_it_stands(take_in):
    take_in(
        "email,state\n"
        "a@example.org,active\na@example.org,unsubscribed\n"
        "b@example.org,unsubscribed\nb@example.org,active\n"
        "c@example.org,active\nc@example.org,complained\nc@example.org,active\n"
    )
    assert states() == dict.fromkeys(("a@example.org", "b@example.org", "c@example.org"), "unsubscribed")
    assert Suppression.objects.get().reason == SuppressionReason.COMPLAINED


def test_who_left_elsewhere_is_unsubscribed_here_too_unless_they_confirmed_here_since(take_in, newsletter):
    with time_machine.travel(datetime(2024, 1, 1, tzinfo=UTC), tick=False):
        make_subscriber("confirmed@example.org", newsletter)
        take_in("email\nimported@example.org\n")
    found = take_in(
        "email,unsubscribed_at\nconfirmed@example.org,2023-05-01 10:00:00\nimported@example.org,2023-05-01 10:00:00\n"
    )
    assert verdicts(found) == [Verdict.PRESENT, Verdict.UNSUBSCRIBED]
    assert states() == {"confirmed@example.org": "active", "imported@example.org": "unsubscribed"}
    take_in("email,unsubscribed_at\nconfirmed@example.org,2024-05-01\n")
    assert states()["confirmed@example.org"] == "unsubscribed"


@mark.parametrize(
    ("heading", "cells", "verdict"),
    [
        ("status,subscription_status", "enabled,unsubscribed", Verdict.UNSUBSCRIBED),
        ("subscription_status,status", "unsubscribed,enabled", Verdict.UNSUBSCRIBED),
        ("Status,status", "active,unsubscribed", Verdict.UNSUBSCRIBED),
        ("unsubscribed,Unsubscribed", ",2020-01-01", Verdict.UNSUBSCRIBED),
        ("status,opted_out", "active,yes", Verdict.UNSUBSCRIBED),
        ("status,active", "active,false", Verdict.UNSUBSCRIBED),
        ("status,subscription_status", "enabled,unconfirmed", Verdict.UNCONFIRMED),
        ("status,confirmed", "active,no", Verdict.UNCONFIRMED),
        ("status,confirmed", "unsubscribed,no", Verdict.UNSUBSCRIBED),
        ("status,confirmed,unsubscribed_at", "active,yes,", Verdict.SUBSCRIBED),
    ],
)
def test_of_all_that_a_line_says_the_strictest_counts(take_in, heading, cells, verdict):
    assert verdicts(take_in(f"email,{heading}\na@example.org,{cells}\n")) == [verdict]


@mark.parametrize(
    ("state", "reason"),
    [("bounced", "bounced"), ("Cleaned", "bounced"), ("marked as spam", "complained"), ("blocklisted", "imported")],
)
def test_who_bounced_or_complained_elsewhere_is_never_written_to(take_in, newsletter, state, reason):
    take_in(f"Email Address,Status\nreader@example.org,{state}\n")
    assert Suppression.objects.get().reason == reason
    assert Suppression.objects.get().newsletter is None
    assert consent.suppressed("reader@example.org", newsletter)
    assert not Subscriber.objects.exists()


def test_a_line_of_another_newsletter_is_left_out(take_in, newsletter):
    found = take_in(f"email,newsletter\na@example.org,{newsletter.slug}\nb@example.org,other\n")
    assert verdicts(found) == [Verdict.SUBSCRIBED, Verdict.ELSEWHERE]


# Files ------------------------------------------------------------------------------------------

LIST = "email{0}state{0}language\r\na@example.org{0}active{0}de\r\nb@bücher.example{0}unsubscribed{0}\r\n"


@mark.parametrize("delimiter", [",", ";", "\t"])
@mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_and_delimiters_are_told_by_themselves(take_in, encoding, delimiter):
    take_in(LIST.format(delimiter).encode(encoding))
    assert states() == {"a@example.org": "active", "b@bücher.example": "unsubscribed"}
    assert Subscriber.objects.get(email="a@example.org").language == "de"


@mark.parametrize(
    "content",
    [
        "a@example.org\nb@example.org\n",  # one address a line
        "\n\r\n email \n\n a@example.org \n\n b@example.org",
        'sep=;\n"E-Mail";"x"\na@example.org;"1;2"\n"b@example.org";""\n',
        'email,note\na@example.org,"a\nnote, of ""two"" lines"\nb@example.org,\n',
        "note,EMAIL_ADDRESS\r,a@example.org\r,b@example.org\r",
        "email,email\na@example.org,x@example.org\nb@example.org,\n",
    ],
)
def test_headings_quotes_and_line_ends_are_as_other_programs_write_them(take_in, content):
    take_in(content)
    assert set(states()) == {"a@example.org", "b@example.org"}


def test_the_line_is_that_of_the_file_whatever_stands_in_between(take_in):
    found = take_in('\nemail,note\na@example.org,"two\nlines"\n\nbad,\n')
    assert [(finding.line, finding.verdict) for finding in found] == [(3, Verdict.SUBSCRIBED), (6, Verdict.INVALID)]


@mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"name,town\nAlice,Bremen\n",
        b"\x00" * 5000,
        b"\xff\xfe",
        b"a" * 300_000,
        # Bytes of no meaning; those of the last two hold an @ in their first line.
        *(Random(seed).randbytes(3000) for seed in (1, 16, 50)),
    ],
)
def test_what_is_no_list_is_refused_with_a_sentence_and_leaves_no_trace(take_in, content):
    with raises(Unreadable) as refused:
        take_in(content)
    assert str(refused.value).endswith((".", "so."))
    assert not Import.objects.exists()


@mark.parametrize("broken", ['"open,\n' + "x@example.org\n" * 20_000, "y" * 300_000])
def test_where_a_file_breaks_off_what_stood_before_is_in_and_the_report_says_where(take_in, broken):
    found = take_in(f"email,x\na@example.org,1\n{broken}")
    assert states() == {"a@example.org": "active"}
    assert found[-1].verdict == Verdict.INVALID
    assert Import.objects.get().state == "done"


@mark.parametrize("email", ["=a@example.org", "+a@example.org", "-a@example.org", "'a@example.org", "'=a@example.org"])
def test_what_a_spreadsheet_would_calculate_is_escaped_and_read_back(take_in, newsletter, email):
    reader = make_subscriber(email, newsletter)
    content = "".join(exporting.lines(newsletter))
    assert not [line for line in content.splitlines() if line.startswith(('"=', '"+', '"-', '"@'))]
    reader.delete()
    assert verdicts(take_in(content)) == [Verdict.SUBSCRIBED]
    assert Subscriber.objects.get().email == email


@mark.once
@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0")), min_size=2)))
def test_whatever_cells_hold_is_written_and_read_back_and_begins_no_formula(rows):
    written = "".join(tables.write([["a", "b"], *rows]))
    found = [row.cells for row in tables.read(io.BytesIO(written.encode()))]
    assert found == [["a", "b"], *(row for row in rows if any(cell.strip() for cell in row))]
    for row in rows:
        assert not any(re.match(r"[=+\-@\t＝＋－＠]", tables.escape(cell)) for cell in row)


@mark.parametrize(
    "cell",
    [
        "a@example.org\u2028",
        "a@example.org%0aBcc: x@example.org",
        "a＠example.org",
        "аlice@example.org",
        '"=1+1"@x.org',
    ],
)
def test_addresses_that_would_deceive_are_invalid(take_in, cell):
    found = take_in(f'email\n"{cell}"\nb@example.org\n')
    assert verdicts(found)[-1] == Verdict.SUBSCRIBED
    assert verdicts(found)[0] in (Verdict.INVALID, Verdict.SUBSCRIBED)
    assert set(states()) <= {"b@example.org", "a@example.org"}
    for email in states():
        assert email.isprintable()


def test_punycode_and_unicode_are_one_address(take_in):
    found = take_in("email\na@bücher.example\na@xn--bcher-kva.example\nA@BÜCHER.example\n")
    assert verdicts(found) == [Verdict.SUBSCRIBED, Verdict.DOUBLE, Verdict.DOUBLE]


# Other services' files --------------------------------------------------------------------------


@fixture
def services():
    """Lists as other services export them."""
    folder = os.environ.get("NEWSROOM_TEST_DATA")
    if not folder:
        skip("Set NEWSROOM_TEST_DATA to the folder with other services' lists.")
    return Path(folder) / "subscribers" / "ghost-migrate"


def told(take_in, file):
    return {finding.email: str(finding.verdict) for finding in take_in(file.read_bytes())}


def test_beehiivs_list_is_read(take_in, services):
    assert told(take_in, services / "mg-beehiiv-members" / "members.csv") == {
        "lorem@example.com": "subscribed",
        "ipsum@example.com": "subscribed",
        "dolor@example.com": "unsubscribed",
        "simet@example.com": "unsubscribed",
        "amett@example.com": "unconfirmed",
        "elit@example.com": "subscribed",
        "nullfirst@example.com": "subscribed",
        "unsublit@example.com": "unsubscribed",
        "fromsubstack@example.com": "subscribed",
    }


def test_mailchimps_two_lists_are_read_in_either_order(take_in, services):
    folder = services / "mg-mailchimp-members"
    for name in ("unsubscribed", "subscribed", "unsubscribed"):
        told(take_in, folder / f"{name}.csv")
    assert {email for email, state in states().items() if state == "active"} == {
        f"s{n}@example.com" for n in range(1, 6)
    }
    assert {email for email, state in states().items() if state == "unsubscribed"} == {
        f"u{n}@example.com" for n in range(1, 6)
    }
    event = consent.events_of("s1@example.com").get()
    assert event.claimed_at == datetime(2023, 4, 21, 11, 16, 57, tzinfo=UTC)


def test_substacks_list_is_read_and_who_switched_mails_off_stays_off(take_in, services):
    found = told(take_in, services / "mg-substack-members-csv" / "fixtures_signup_emails.csv")
    assert found["maguirec086@comm.ca"] == "unsubscribed"
    assert found["herroooo@substack.com"] == "subscribed"
    assert found["ömil@gmail.com"] == "invalid"
    assert len(found) == 21


def test_mediums_plain_list_is_read(take_in, services):
    assert set(told(take_in, services / "mg-medium-members" / "members.txt").values()) == {"subscribed"}
    assert Subscriber.objects.count() == 5


def test_a_line_with_more_cells_than_headings_is_not_guessed_at(take_in, services):
    found = take_in((services / "mg-fs-utils" / "malformed.csv").read_bytes())
    assert verdicts(found) == [Verdict.INVALID]
    assert "more cells" in found[0].sentence


def test_a_list_of_something_else_is_refused(take_in, services):
    with raises(Unreadable, match="No column of this file is called “email”"):
        take_in((services / "mg-fs-utils" / "example.csv").read_bytes())


# Cost -------------------------------------------------------------------------------------------


def test_queries_grow_with_lots_and_not_with_lines(take_in, newsletter, monkeypatch, django_assert_max_num_queries):
    def content(name, count):
        return "email\n" + "".join(f"{name}{n}@example.org\n" for n in range(count))

    with django_assert_max_num_queries(26):
        take_in(content("a", 60))
    with django_assert_max_num_queries(14):
        take_in(content("a", 60))


def write_many(path, lines):
    with path.open("w") as file:
        file.write("email,created_at\n")
        file.writelines(f"reader{n}@example{n % 500}.org,2020-01-01\n" for n in range(lines))


def test_many_lines_are_taken_in_without_holding_them(newsletter, tmp_path):
    path, lines = tmp_path / "many.csv", 800
    write_many(path, lines)
    for dry_run, verdict in ((False, Verdict.SUBSCRIBED), (True, Verdict.PRESENT)):
        tracemalloc.start()
        with path.open("rb") as file:
            findings = runs.at_once(newsletter, file, file_name="many.csv", dry_run=dry_run)
            counted = sum(finding.verdict == verdict for finding in findings)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert counted == lines
        assert peak < 24_000_000


def held():
    """Bytes of memory of this process that are no files."""
    status = Path("/proc/self/status")
    if not status.exists():
        skip("Only Linux tells how much memory a process holds.")
    return int(re.search(r"RssAnon:\s+(\d+)", status.read_text())[1]) * 1024


def yardstick():
    """Seconds that some work takes now: a busy machine does all work more slowly."""
    before = time.process_time()
    sum(len(hashlib.sha256(bytes(key)).hexdigest()) for key in range(500))
    return time.process_time() - before


@mark.drill
@mark.django_db(transaction=True)
def test_a_million_lines_are_taken_in_and_given_out_without_holding_them(newsletter, nora, tmp_path, monkeypatch):
    """By the admin's way: the file is stored, a worker reads it, and the report has a sentence for each line."""
    path, lines = tmp_path / "many.csv", 1_000_000
    write_many(path, lines)
    with path.open("rb") as file:
        one = runs.begin(newsletter, File(file), claim="At the fair.", by=nora, dry_run=False)
    tell, looks = runs._tell, []

    def told(*args):
        tell(*args)
        looks.append((time.process_time(), yardstick(), held()))

    monkeypatch.setattr(runs, "_tell", told)
    begun, before = time.monotonic(), time.process_time()
    assert runs.work(one.pk)
    wall, work = time.monotonic() - begun, time.process_time() - before
    one.refresh_from_db()
    assert (one.state, one.lines, one.counts) == ("done", lines, {"subscribed": lines})
    assert newsletter.subscriptions.filter(state="active").count() == lines
    assert ConsentEvent.objects.filter(imported=one).count() == lines
    with runs.report(one) as report:
        assert sum(1 for _ in report) == lines + 1

    warm = looks[lines // 10 // runs.TOLD_EVERY][2]
    grown = max(bytes_ for _at, _unit, bytes_ in looks) - warm
    batches = [(after[0] - at[0] - after[1]) / after[1] for at, after in pairwise(looks)]
    tenth = len(batches) // 10
    first, last = (median(part) for part in (batches[tenth : 2 * tenth], batches[-tenth:]))
    log.info("%d lines in %.0f s, of them %.0f s of work; %.1f MB more memory", lines, wall, work, grown / 1e6)
    log.info("%.0f yardsticks a batch in the second tenth, %.0f in the last; holds %d MB", first, last, held() / 1e6)
    assert grown < 40_000_000
    assert last < 4 * first  # the trees of the indexes grow; work that grew with what is in would be six times as much
    begun = time.monotonic()
    assert sum(1 for _ in exporting.lines(newsletter)) == lines + 1
    log.info("given out in %.0f s", time.monotonic() - begun)
    assert held() - warm < 40_000_000


# The command ------------------------------------------------------------------------------------


@fixture
def run(tmp_path, newsletter):
    """Run the command on a text; its exit status and what it said."""

    def run_(content, *options):
        path = tmp_path / "list.csv"
        path.write_text(content)
        said = io.StringIO()
        try:
            call_command("import_subscribers", str(path), "--newsletter", newsletter.slug, *options, stdout=said)
        except SystemExit as left:
            return left.code, said.getvalue()
        return 0, said.getvalue()

    return run_


def test_the_command_says_who_was_left_out_and_leaves_with_1(run):
    status, said = run("email\na@example.org\nnobody\n")
    assert status == 1
    assert "line 3: nobody: invalid. This is not a complete email address." in said
    assert "1 subscribed" in said
    assert states() == {"a@example.org": "active"}


def test_the_command_leaves_with_0_when_everyone_is_in(run, nora):
    assert run("email\na@example.org\n", "--by", "nora", "--consent", "By letter.")[0] == 0
    event = ConsentEvent.objects.get()
    assert (event.by, event.imported.claim) == (nora, "By letter.")
    assert Import.objects.get().counts == {"subscribed": 1}


def test_the_command_tries_without_writing(run):
    status, said = run("email\na@example.org\n", "--dry-run")
    assert (status, Subscriber.objects.count()) == (0, 0)
    assert "Nothing was written: this was a dry run." in said


def test_the_command_reports_as_json_line_by_line(run):
    lines = [json.loads(line) for line in run("email\na@example.org\nx\n", "--json")[1].splitlines()]
    assert lines[0]["verdict"] == "subscribed"
    assert lines[1]["line"] == 3
    assert lines[2] == {"dry_run": False, "lines": 2, "counts": {"subscribed": 1, "invalid": 1}}


@mark.parametrize(
    ("path", "slug", "words"),
    [("missing.csv", "week", "No such file"), ("here.csv", "weak", "There is no newsletter “weak”. There are: week.")],
)
def test_wrong_use_is_said_and_leaves_with_2(newsletter, tmp_path, path, slug, words):
    (tmp_path / "here.csv").write_text("email\n")
    with raises(CommandError, match=words) as refused:
        call_command("import_subscribers", str(tmp_path / path), "--newsletter", slug)
    assert refused.value.returncode == 2
