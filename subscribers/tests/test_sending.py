"""An issue goes to each of its subscribers, over a real SMTP connection."""

from email import message_from_bytes, policy

from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from pytest import fixture, mark

from subscribers import consent, leaving, marks
from subscribers.factories import make_newsletter, make_subscriber
from subscribers.issues import mailing, workflow
from subscribers.models import Delivery, Issue, Subscription
from subscribers.sending import claiming, durability, materialising
from subscribers.states import DeliveryState, IssueState, SuppressionReason
from subscribers.tests.mailserver import mail_server
from subscribers.tests.sendings import make_issue, make_readers, send, states

pytestmark = mark.django_db
# Where somebody else does something in the database meanwhile.
meanwhile = mark.django_db(transaction=True)


@fixture
def server(settings):
    with mail_server(settings) as running:
        yield running


@fixture
def newsletter():
    return make_newsletter(name="The Week", slug="week")


def test_every_subscriber_gets_the_issue_once_over_one_connection(server, newsletter):
    make_readers(60, newsletter)
    issue = make_issue(newsletter)
    assert send() is None
    assert sorted(server.taken) == sorted(f"reader{number}@example.org" for number in range(60))
    assert states(issue) == {"handed_over": 60}
    assert server.connections == 1
    assert Issue.objects.get().state == IssueState.SENT
    send()
    assert len(server.taken) == 60


def test_the_mail_is_to_the_letter_the_one_that_was_composed(server, newsletter):
    subscriber = make_subscriber("Reader@example.org", newsletter)
    issue = make_issue(newsletter)
    send()
    (envelope,) = server.envelopes
    stamped = message_from_bytes(envelope.content, policy=policy.default)
    mark_ = marks.make(issue.pk, subscriber.pk)
    composed = mailing.message(
        Issue.objects.get(), subscriber.subscriptions.get(), message_id=marks.message_id(mark_)
    ).message()
    composed = message_from_bytes(composed.as_bytes(linesep="\r\n"), policy=policy.default)
    own = {"Date", "Content-Type", "List-Unsubscribe"}  # the moment, the boundary, the moment again
    assert {(k, v) for k, v in stamped.items() if k not in own} == {(k, v) for k, v in composed.items() if k not in own}
    for kind in ("plain", "html"):
        sent, wanted = (mail.get_body((kind,)).get_content() for mail in (stamped, composed))
        assert _without_links(sent) == _without_links(wanted)
        assert "/newsletter/unsubscribe/" in sent
    assert stamped["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert envelope.rcpt_tos == ["Reader@example.org"]


def _without_links(text):
    return [word for word in text.split() if "/newsletter/" not in word]


def test_each_reader_gets_links_of_their_own(server, newsletter, client):
    make_readers(3, newsletter)
    make_issue(newsletter)
    send()
    links = [_unsubscribe_link(envelope) for envelope in server.envelopes]
    assert len(set(links)) == 3
    assert client.post(links[1], {"List-Unsubscribe": "One-Click"}).status_code == 200
    left = Subscription.objects.get(state="unsubscribed")
    assert left.subscriber.email == server.envelopes[1].rcpt_tos[0]


def _unsubscribe_link(envelope):
    return message_from_bytes(envelope.content)["List-Unsubscribe"].strip("<>").partition("8000")[2]


def test_bounces_come_back_to_an_address_that_names_the_delivery(server, newsletter, settings):
    settings.BOUNCE_ADDRESS = "bounces@news.example"
    subscriber = make_subscriber("reader@example.org", newsletter)
    issue = make_issue(newsletter)
    send()
    (envelope,) = server.envelopes
    assert envelope.mail_from.startswith(f"bounces+news-{issue.pk}-{subscriber.pk}-")
    assert marks.find(envelope.mail_from) == marks.Marked(issue.pk, subscriber.pk, of_envelope=True)
    assert envelope.mail_from.rpartition("-")[2].partition("@")[0].encode() not in envelope.content
    assert message_from_bytes(envelope.content)["From"] == "The Week <newsroom@localhost>"


def test_any_other_mail_backend_works_as_well(newsletter, mailoutbox, settings):
    make_readers(3, newsletter)
    issue = make_issue(newsletter)
    send()
    assert sorted(mail.to[0] for mail in mailoutbox) == [f"reader{number}@example.org" for number in range(3)]
    assert marks.find(mailoutbox[0].metadata["delivery"]).issue == issue.pk
    assert states(issue) == {"handed_over": 3}


# Who gets none --------------------------------------------------------------------------------


def test_paused_unsubscribed_and_suppressed_readers_get_none(server, newsletter):
    make_readers(4, newsletter)
    other = make_newsletter(slug="other")
    make_subscriber("elsewhere@example.org", other)
    Subscription.objects.filter(subscriber__email="reader0@example.org").update(state="paused")
    Subscription.objects.filter(subscriber__email="reader1@example.org").update(state="unsubscribed")
    consent.suppress("reader2@example.org", reason=SuppressionReason.BOUNCED)
    consent.suppress("reader3@example.org", reason=SuppressionReason.ASKED, newsletter=other)
    issue = make_issue(newsletter)
    send()
    assert server.taken == ["reader3@example.org"]
    assert states(issue) == {"handed_over": 1, "skipped": 1}


@meanwhile
def test_whoever_leaves_while_it_is_sent_gets_none(server, newsletter):
    """Whether the delivery was claimed already or not."""
    make_readers(30, newsletter)
    leaves = ["reader5@example.org", "reader29@example.org"]

    def leave(address):
        for subscription in Subscription.objects.filter(subscriber__email__in=leaves):
            leaving.leave(subscription, way="page")

    server.data["reader2@example.org"] = leave
    issue = make_issue(newsletter)
    send()
    assert not set(leaves) & set(server.taken)
    assert states(issue) == {"handed_over": 28, "skipped": 2}


@meanwhile
@mark.parametrize("scope", ["all", "own"])
def test_whoever_is_suppressed_while_it_is_sent_gets_none(server, newsletter, scope):
    """Whether the delivery was claimed already or not."""
    make_readers(60, newsletter)
    barred = ["reader5@example.org", "reader59@example.org"]

    def bar(address):
        for email in barred:
            own = newsletter if scope == "own" else None
            consent.suppress(email, reason=SuppressionReason.BOUNCED, newsletter=own)

    server.data["reader2@example.org"] = bar
    issue = make_issue(newsletter)
    send()
    assert not set(barred) & set(server.taken)
    assert states(issue) == {"handed_over": 58, "skipped": 2}


def test_a_message_is_not_begun_once_its_reader_is_suppressed_under_a_former_key(newsletter, settings):
    make_readers(2, newsletter)
    consent.suppress("reader0@example.org", reason=SuppressionReason.ASKED, newsletter=make_newsletter(slug="other"))
    issue = workflow.change(make_issue(newsletter), "materialise")
    materialising.materialise(issue)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another key"
    settings.SECRET_KEY_FALLBACKS = [former]
    claim = claiming.claim(Issue.objects.select_related("newsletter").get(), "tester", 10)
    with override_settings(SECRET_KEY=former, SECRET_KEY_FALLBACKS=[]):
        consent.suppress("reader1@example.org", reason=SuppressionReason.COMPLAINED)
    assert [claiming.begin(claim.batch, parcel) for parcel in claim.parcels] == [True, False]
    assert claiming.may_go_on(claim.batch)


# Stopping -------------------------------------------------------------------------------------


@meanwhile
@mark.parametrize("verb", ["pause", "cancel"])
def test_no_further_mail_goes_out_once_it_is_stopped(server, newsletter, nora, verb):
    make_readers(30, newsletter)
    issue = make_issue(newsletter)

    def stop(address):
        workflow.change(Issue.objects.get(), verb, by=nora)

    server.data["reader4@example.org"] = stop
    send()
    assert len(server.taken) == 5  # and the one that was under way
    assert states(issue) == {"handed_over": 5, "queued": 25}
    send()
    assert len(server.taken) == 5


@meanwhile
def test_resuming_sends_the_rest(server, newsletter, nora):
    make_readers(30, newsletter)
    make_issue(newsletter)
    server.data["reader4@example.org"] = lambda address: workflow.change(Issue.objects.get(), "pause", by=nora) and None
    send()
    workflow.change(Issue.objects.get(), "resume", by=nora)
    send()
    assert len(server.taken) == 30
    assert server.twice() == []
    assert Issue.objects.get().state == IssueState.SENT


def test_it_is_not_sent_before_its_time(server, newsletter):
    make_readers(2, newsletter)
    issue = make_issue(newsletter)
    Issue.objects.filter(pk=issue.pk).update(starts_at="2036-01-01T00:00Z")
    assert send() is None
    assert server.taken == []


def test_a_mail_that_cannot_be_made_stops_nobody_elses(server, newsletter, monkeypatch, caplog):
    make_readers(5, newsletter)
    issue = make_issue(newsletter)
    make = marks.make
    victim = Subscription.objects.get(subscriber__email="reader2@example.org").subscriber_id

    def fail(issue, subscriber):
        return 1 / 0 if subscriber == victim else make(issue, subscriber)

    monkeypatch.setattr(marks, "make", fail)
    send()
    assert states(issue) == {"handed_over": 4, "failed": 1}
    assert "cannot be made" in caplog.text


# Making the deliveries ------------------------------------------------------------------------


def test_deliveries_are_made_in_chunks_and_go_on_where_they_were(server, newsletter, monkeypatch):
    monkeypatch.setattr("subscribers.sending.materialising.CHUNK", 10)
    make_readers(35, newsletter)
    issue = workflow.change(make_issue(newsletter), "materialise")
    turns = iter([True, True, False])
    assert not materialising.materialise(issue, lambda: next(turns))
    assert Delivery.objects.count() == 20
    assert materialising.materialise(issue)
    assert materialising.materialise(issue)
    assert states(issue) == {"queued": 35}
    assert Issue.objects.get().state == IssueState.SENDING


def test_an_issue_of_a_newsletter_without_subscribers_is_sent(server, newsletter):
    make_issue(newsletter)
    send()
    assert Issue.objects.get().state == IssueState.SENT


def test_a_claim_costs_the_same_number_of_queries_however_large_it_is(server, newsletter):
    make_readers(80, newsletter)
    materialising.materialise(workflow.change(make_issue(newsletter), "materialise"))
    issue, spent = Issue.objects.select_related("newsletter").get(), []
    durability.run()  # costs something once
    for count in (20, 60):
        with CaptureQueriesContext(connection) as queries:
            assert len(claiming.claim(issue, "tester", count).parcels) == count
        spent.append(len(queries))
    assert spent[0] == spent[1] <= 14


# What the mail server says --------------------------------------------------------------------


@mark.parametrize("place", ["rcpt", "data"])
@mark.parametrize(
    ("reply", "state"),
    [
        ("450 Mailbox busy", DeliveryState.DEFERRED),
        ("451 4.7.1 Greylisted, try again later", DeliveryState.DEFERRED),
        ("421 4.3.2 Shutting down", DeliveryState.DEFERRED),
        ("550 5.1.1 No such user", DeliveryState.BOUNCED),
        ("552 5.2.2 Mailbox full", DeliveryState.BOUNCED),
        ("554 5.7.1 We do not like you", DeliveryState.BOUNCED),
    ],
)
def test_4xx_is_tried_again_later_and_5xx_is_a_bounce(server, newsletter, place, reply, state):
    make_readers(3, newsletter)
    getattr(server, place)["reader1@example.org"] = reply
    issue = make_issue(newsletter)
    send()
    assert sorted(server.taken) == ["reader0@example.org", "reader2@example.org"]
    assert states(issue) == {"handed_over": 2, state.value: 1}
    assert Delivery.objects.get(state=state).answer == reply
