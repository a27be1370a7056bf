"""How far an issue is, in the admin: for a million deliveries at the price of ten."""

from datetime import timedelta

import time_machine
from django.urls import reverse
from pytest import fixture, mark

from newsroom.lib import clock
from newsroom.testing import client_of
from subscribers.factories import make_newsletter
from subscribers.models import Batch, DomainLimit, Issue, Sending
from subscribers.sending import progress
from subscribers.states import IssueState
from subscribers.tests.mailserver import CUT, mail_server
from subscribers.tests.sendings import make_issue, make_readers, send, states

pytestmark = mark.django_db


@fixture
def server(settings):
    with mail_server(settings) as running:
        yield running


@fixture
def issue():
    return make_issue(make_newsletter(name="The Week", slug="week"))


@fixture
def under_way(issue):
    """A hundred thousand mails, sent at two hundred a second."""
    Issue.objects.filter(pk=issue.pk).update(state=IssueState.SENDING)
    Sending.objects.create(issue=issue, queued=90_000, handed_over=11_900, deferred=60, bounced=30, uncertain=10)
    for number in range(60):
        ended = clock.now() - timedelta(seconds=60 - number)
        Batch.objects.create(
            issue=issue,
            worker="w",
            started_at=ended - timedelta(seconds=1),
            closed_at=ended,
            lease_until=ended,
            sent=200,
        )
    return Issue.objects.get()


def address(name, issue):
    return reverse(f"admin:subscribers_issue_{name}", args=[issue.pk])


def test_rate_and_end_follow_from_what_went_out_of_late(under_way):
    with time_machine.travel(clock.now(), tick=False):
        found = progress.of(under_way)
        assert found.total == 102_000
        assert found.waiting == 90_000
        assert 11_500 < found.per_minute <= 12_000
        assert timedelta(minutes=7) < found.ends_at - clock.now() < timedelta(minutes=8)


def test_an_issue_that_stands_still_has_no_end(under_way):
    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        found = progress.of(under_way)
        assert (found.per_minute, found.ends_at) == (0, None)


def test_the_numbers_cost_two_queries(under_way, django_assert_num_queries):
    with django_assert_num_queries(2):
        progress.of(under_way)


def test_newsletter_editors_see_the_numbers_and_they_are_asked_for_again(under_way, nora):
    page = client_of(nora).get(address("change", under_way)).content.decode()
    assert "90,000" in page
    assert "progress.js" in page
    assert f'data-progress="{address("progress", under_way)}"' in page
    piece = client_of(nora).get(address("progress", under_way)).content.decode()
    assert "11,900" in piece
    assert "<script" not in piece
    assert "style=" not in piece


def test_before_it_is_sent_and_after_it_nothing_is_asked_for_again(issue, nora):
    Issue.objects.filter(pk=issue.pk).update(starts_at=clock.now() + timedelta(hours=1))
    page = client_of(nora).get(address("change", issue)).content.decode()
    assert "data-progress" not in page
    Issue.objects.filter(pk=issue.pk).update(state=IssueState.SENT)
    Sending.objects.create(issue=issue, handed_over=5)
    page = client_of(nora).get(address("change", issue)).content.decode()
    assert "progress.js" not in page


def test_from_send_now_on_the_page_waits_for_the_numbers(issue, nora):
    page = client_of(nora).get(address("change", issue)).content.decode()
    assert "It begins in a moment." in page
    assert "progress.js" in page
    piece = client_of(nora).get(address("progress", issue)).content.decode()
    assert "data-moves" in piece


@mark.parametrize(
    ("sums", "state", "said"),
    [
        ({"queued": 100}, "sending", "It is being sent."),
        ({"queued": 51, "handed_over": 48, "bounced": 1}, "sending", "A quarter is done."),
        ({"deferred": 20, "handed_over": 80}, "sending", "Three quarters are done."),
        ({"queued": 1, "handed_over": 9}, "paused", "No further mail goes out at the moment."),
        ({"bounced": 1, "handed_over": 9}, "sent", "It is sent: of 10 mails the mail server took 9."),
        ({"queued": 9, "trouble": "421", "waits_until": "2036-01-01T00:00Z"}, "sending", "nobody is lost"),
    ],
)
def test_how_far_it_is_stands_in_a_sentence_that_changes_seldom(issue, nora, sums, state, said):
    """What is said aloud, which numbers are not."""
    Issue.objects.filter(pk=issue.pk).update(state=state)
    Sending.objects.create(issue=issue, **sums)
    assert said in client_of(nora).get(address("progress", issue)).content.decode()


def test_a_mail_server_that_is_away_is_said_in_words(under_way, nora):
    Sending.objects.update(trouble="421 <b>Busy</b>", waits_until=clock.now())
    piece = client_of(nora).get(address("progress", under_way)).content.decode()
    assert "The mail server takes nothing at the moment" in piece
    assert "421 &lt;b&gt;Busy&lt;/b&gt;" in piece


@mark.parametrize(("decision", "mails"), [("resend", 4), ("settle", 3)])
def test_editors_decide_about_uncertain_mails(server, nora, decision, mails):
    make_readers(3, newsletter := make_newsletter(slug="uncertain"))
    cuts = iter([CUT])
    server.data["reader1@example.org"] = lambda _address: next(cuts, None)
    issue = make_issue(newsletter)
    send()
    page = client_of(nora).get(address("change", issue)).content.decode()
    assert 'value="resend"' in page
    answer = client_of(nora).post(address("uncertain", issue), {"decision": decision})
    assert answer["Location"] == address("change", issue)
    send()
    assert states(issue) == {"handed_over": 3}
    assert len(server.taken) == mails


def test_nothing_of_a_cancelled_issue_is_sent_again(server, nora):
    make_readers(3, newsletter := make_newsletter(slug="uncertain"))
    cuts = iter([CUT])
    server.data["reader1@example.org"] = lambda _address: next(cuts, None)
    issue = make_issue(newsletter)
    send()
    Issue.objects.filter(pk=issue.pk).update(state=IssueState.CANCELLED)
    assert 'value="resend"' not in client_of(nora).get(address("change", issue)).content.decode()
    answer = client_of(nora).post(address("uncertain", issue), {"decision": "resend"}, follow=True)
    assert "nothing more of it is sent" in answer.content.decode()
    assert states(issue) == {"handed_over": 2, "uncertain": 1}
    client_of(nora).post(address("uncertain", issue), {"decision": "settle"})
    assert states(issue) == {"handed_over": 3}


def test_nobody_else_sees_the_numbers_or_decides(under_way, alice, mallory, client):
    for outsider in (client_of(alice), client_of(mallory), client):
        assert outsider.get(address("progress", under_way)).status_code in (302, 403)
        assert outsider.post(address("uncertain", under_way), {"decision": "resend"}).status_code in (302, 403)
    assert Sending.objects.get().uncertain == 10


def test_nothing_is_decided_by_looking(under_way, nora):
    assert client_of(nora).get(address("uncertain", under_way)).status_code == 405
    assert client_of(nora).post(address("uncertain", under_way), {"decision": "guess"}).status_code == 404


def test_newsletter_editors_set_limits_for_domains(nora, alice):
    add = reverse("admin:subscribers_domainlimit_add")
    assert client_of(alice).get(add).status_code == 403
    client_of(nora).post(add, {"domain": "Example.org", "per_minute": "60"})
    assert not DomainLimit.objects.exists()
    client_of(nora).post(add, {"domain": "example.org", "per_minute": "60"})
    assert DomainLimit.objects.get().per_minute == 60
