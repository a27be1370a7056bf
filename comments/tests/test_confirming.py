"""A reader shows that an address is theirs: by a link and a button, once; from then on their browser is known."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from articles.factories import make_live
from articles.models import Edition
from comments import moderation
from comments.digests import digest_of
from comments.factories import make_comment
from comments.mails import links
from comments.models import Ban, Comment, Commenter, Confirmation, Opening
from comments.readers import confirming, identity, jobs, status
from comments.states import Mode, State
from comments.tests.markup import assert_harmless
from comments.tests.readers import RITA, link, make_commenter, the_comment, write
from newsroom.lib import tokens
from newsroom.models import User

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
reader = Client()


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def edition() -> Edition:
    return make_live(headline="Rain ahead")


@pytest.fixture
def send(django_capture_on_commit_callbacks: Any, edition: Edition) -> Callable[..., Any]:
    """Write a comment with an address, and let the jobs run."""

    def act(email: str = RITA, **said: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return write(reader, edition, email=email, **said)

    return act


@pytest.fixture
def press(django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    def act(path: str, form: dict[str, str] | None = None, **options: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return reader.post(path, form or {}, **options)

    return act


def test_a_comment_with_an_address_waits_for_a_click_in_a_mail_that_holds_nothing_typed(send: Any) -> None:
    response = send(body="Quagga <b>", name="Rita Zebra")
    comment = the_comment()
    assert (comment.state, comment.commenter) == (State.AWAITING_EMAIL, None)
    assert "open the mail that we have sent you" in reader.get(response["Location"]).content.decode()
    (message,) = mail.outbox
    assert message.to == [RITA]
    everything = f"{message.subject} {message.body} {message.alternatives}"  # type: ignore[attr-defined]
    assert "Quagga" not in everything and "Zebra" not in everything
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert not reader.cookies


def test_looking_at_the_link_changes_nothing(send: Any) -> None:
    send()
    page = reader.get(link("confirm"))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"] and "noindex" in page["X-Robots-Tag"]
    assert page["Referrer-Policy"] == "same-origin"
    assert the_comment().state == State.AWAITING_EMAIL
    assert Commenter.objects.count() == 0


def test_the_button_makes_it_the_comment_of_a_known_reader_and_sends_it_to_the_rules(send: Any, press: Any) -> None:
    send(wants_outcome="on")
    page = press(link("confirm"))
    assert page.status_code == 200
    assert "Your comment waits for a moderator." in page.content.decode()
    comment, commenter = the_comment(), Commenter.objects.get()
    assert (comment.state, comment.commenter) == (State.PENDING, commenter)
    assert (commenter.email, commenter.name, commenter.verified_at) == (RITA, "Rita", NOON)
    assert (commenter.wants_outcome, commenter.wants_replies) == (True, False)
    assert Confirmation.objects.count() == 0
    assert [action.decision for action in comment.actions.order_by("pk")] == ["await", "confirm"]
    assert not page.cookies


@pytest.mark.parametrize(("mode", "state"), [(Mode.POST, State.PUBLISHED), (Mode.PRE, State.PENDING)])
def test_where_it_goes_after_that_is_the_modes_to_say(
    send: Any, press: Any, edition: Edition, mode: Mode, state: State
) -> None:
    Opening.objects.create(article=edition.article, mode=mode)
    send()
    press(link("confirm"))
    assert the_comment().state == state


def test_pressed_twice_it_says_the_same_and_is_done_once(send: Any, press: Any) -> None:
    send()
    path = link("confirm")
    pages = [press(path).content.decode() for _ in range(2)]
    assert pages[0] == pages[1]
    assert (Commenter.objects.count(), the_comment().actions.count()) == (1, 2)


def test_two_who_confirm_at_once_are_not_in_each_others_way(send: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    send()
    token = link("confirm").rstrip("/").rpartition("/")[2]
    real = confirming._judge

    def meanwhile(*said: Any) -> Any:
        monkeypatch.setattr(confirming, "_judge", real)
        assert confirming.confirm(token)
        return real(*said)

    monkeypatch.setattr(confirming, "_judge", meanwhile)
    assert confirming.confirm(token) == the_comment()
    assert (Commenter.objects.count(), the_comment().actions.count()) == (1, 2)


def test_two_comments_of_one_address_become_those_of_one_reader(send: Any, press: Any) -> None:
    send("Rita.Reader@Example.org", body="One")
    send("rita.reader@example.ORG", body="Two")
    for number in (0, 1):
        press(link("confirm", number))
    assert Commenter.objects.get().comments.count() == 2


def test_the_answer_is_the_same_for_an_address_that_is_known(send: Any) -> None:
    make_commenter("known@example.org")
    headers = {"Accept": "application/json"}
    answers = [send(email, body=email, headers=headers).json() for email in ("known@example.org", RITA)]
    assert answers[0]["message"] == answers[1]["message"]
    assert answers[0].keys() == answers[1].keys()
    assert Comment.objects.filter(commenter=None, state=State.AWAITING_EMAIL).count() == 2


def test_a_mailbox_cannot_be_bombed_however_its_address_is_spelled(send: Any) -> None:
    for number, email in enumerate(["vic@example.org", "v.ic@example.org", "VIC+1@example.org", "vic+2@example.org"]):
        assert send(email, body=f"Comment {number}").status_code == 303
    assert len(mail.outbox) == 3
    jobs.end_waiting.call_local()
    assert len(mail.outbox) == 3


def test_what_waits_for_room_in_a_mailbox_leaves_its_neighbours_theirs(send: Any) -> None:
    for number in range(confirming.MAILS_TO_A_MAILBOX + 4):
        send(email="rita@example.org", body=f"Number {number}.", key="")
    for _ten_minutes in range(5):
        jobs.end_waiting.call_local()
    mail.outbox.clear()
    send(email="nadia@example.org", body="Of the same network.", key="")
    assert [message.to for message in mail.outbox] == [["nadia@example.org"]]


def test_what_waits_for_room_in_a_network_is_mailed_once_there_is_some(
    send: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirming, "MAILS_FROM_A_NETWORK", 1)
    for email in ("nadia@example.org", "rita@example.org"):
        send(email=email, body=f"From {email}.", key="")
    for _ten_minutes in range(5):
        jobs.end_waiting.call_local()
    assert Confirmation.objects.get(mailed_at=None).email == "rita@example.org"
    monkeypatch.setattr(confirming, "MAILS_FROM_A_NETWORK", 100)
    jobs.end_waiting.call_local()
    assert not confirming.unasked()


def test_a_mail_that_was_lost_is_sent_later_and_once(edition: Edition) -> None:
    write(reader, edition, email=RITA)  # and nothing runs the job
    assert mail.outbox == []
    Confirmation.objects.update(mailed_at=None)
    for _ in range(2):
        jobs.end_waiting.call_local()
    assert len(Confirmation.objects.exclude(mailed_at=None)) == 1


@pytest.mark.parametrize("email", ["nobody", "a@b", "x@example.org\nBcc: y@example.org", "é@example.org", "@"])
def test_what_is_no_address_is_said_at_its_field_and_costs_no_word(send: Any, email: str) -> None:
    response = send(email, body="Quagga")
    assert response.status_code == 422
    page = response.content.decode()
    assert 'id="comment-form-email_error"' in page and "Quagga" in page
    assert mail.outbox == [] and Comment.objects.count() == 0


def test_a_tick_without_an_address_asks_for_one(send: Any) -> None:
    response = send("", wants_replies="on")
    assert response.status_code == 422
    assert "Enter the address that the mails shall go to" in response.content.decode()


# Too late, and never ------------------------------------------------------------------------------


def test_after_48_hours_the_address_is_forgotten_and_the_comment_goes_on_without_it(send: Any, clock: Any) -> None:
    send()
    clock.shift(timedelta(hours=47, minutes=59))
    jobs.end_waiting.call_local()
    assert the_comment().state == State.AWAITING_EMAIL
    clock.shift(timedelta(minutes=2))
    jobs.end_waiting.call_local()
    comment = the_comment()
    assert (comment.state, comment.commenter) == (State.PENDING, None)
    assert Confirmation.objects.count() == 0 and Commenter.objects.count() == 0
    assert reader.get(link("confirm")).status_code == 404
    assert reader.post(link("confirm")).status_code == 404


def test_an_article_that_closed_meanwhile_loses_no_comment(send: Any, press: Any, edition: Edition) -> None:
    send()
    Opening.objects.create(article=edition.article, mode=Mode.CLOSED)
    press(link("confirm"))
    assert the_comment().state == State.PENDING


def test_an_address_that_is_banned_confirms_and_is_rejected(send: Any, press: Any) -> None:
    Ban.objects.create(commenter=make_commenter(), reason="Threats")
    send()
    assert "Your comment was rejected." in press(link("confirm")).content.decode()
    assert (the_comment().state, the_comment().actions.first().rule) == (State.REJECTED, "ban")
    assert "Threats" in reader.get(status.address(the_comment())).content.decode()


@pytest.mark.parametrize("made", ["nonsense", "x" * 5000, "é", "purpose", "number", "other", "address", "no address"])
def test_a_link_that_was_not_mailed_confirms_nothing(send: Any, made: str) -> None:
    send()
    comment = the_comment()
    other = make_comment(comment.article, state=State.AWAITING_EMAIL)
    token = {
        "purpose": tokens.make("comment-status", comment.public_id),
        "number": tokens.make(links.CONFIRM, 17),
        "other": tokens.make(links.CONFIRM, [other.public_id, digest_of(RITA)]),
        "address": tokens.make(links.CONFIRM, [comment.public_id, digest_of("other@example.org")]),
        "no address": tokens.make(links.CONFIRM, comment.public_id),
    }.get(made, made)
    assert reader.get(f"/comments/confirm/{token}/").status_code == 404
    assert reader.post(f"/comments/confirm/{token}/").status_code == 404
    comment.refresh_from_db()
    assert comment.state == State.AWAITING_EMAIL


def test_another_website_cannot_press_the_button(send: Any) -> None:
    send()
    assert reader.post(link("confirm"), headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


# Another address ----------------------------------------------------------------------------------


def elsewhere(press: Any, email: str, **options: Any) -> Any:
    return press(status.address(the_comment()), {"do": "address", "email": email}, **options)


def test_an_address_with_a_slip_is_mended_on_the_comments_page_and_the_first_link_is_dead(
    send: Any, press: Any
) -> None:
    send("rita@exmaple.org", wants_outcome="on")
    first = link("confirm")
    told = reader.get(status.address(the_comment())).content.decode()
    assert "r…@exmaple.org" in told and "rita@exmaple.org" not in told
    assert elsewhere(press, RITA).status_code == 303
    assert [message.to for message in mail.outbox] == [["rita@exmaple.org"], [RITA]]
    for response in (reader.get(first), press(first)):
        assert response.status_code == 404
    assert (the_comment().state, Commenter.objects.count()) == (State.AWAITING_EMAIL, 0)
    second = link("confirm")
    assert press(second).status_code == 200
    assert (the_comment().state, Commenter.objects.get().email) == (State.PENDING, RITA)
    assert Commenter.objects.get().wants_outcome
    assert press(first).status_code == 404 and press(second).status_code == 200


def test_the_same_address_is_mailed_again_and_both_links_are_good(send: Any, press: Any) -> None:
    send()
    elsewhere(press, "Rita@Example.org")
    assert len(mail.outbox) == 2
    assert press(link("confirm", 0)).status_code == 200


def test_who_presses_the_first_link_while_the_address_is_mended_is_not_taken_for_the_author(
    send: Any, press: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    send("other@example.org")
    token = link("confirm").rstrip("/").rpartition("/")[2]
    real = confirming.waiting

    def meanwhile(token: str) -> Any:
        monkeypatch.setattr(confirming, "waiting", real)
        found = real(token)
        elsewhere(press, RITA)
        return found

    monkeypatch.setattr(confirming, "waiting", meanwhile)
    assert confirming.confirm(token) is None
    assert (the_comment().state, Commenter.objects.count()) == (State.AWAITING_EMAIL, 0)


def test_waiting_begins_anew_with_another_address(send: Any, press: Any, clock: Any) -> None:
    send("rita@exmaple.org")
    clock.shift(timedelta(hours=47))
    elsewhere(press, RITA)
    clock.shift(timedelta(hours=47))
    jobs.end_waiting.call_local()
    assert press(link("confirm")).status_code == 200


def test_one_comment_mails_no_row_of_strangers(send: Any, press: Any) -> None:
    send()
    codes = [elsewhere(press, f"stranger{number}@example.org").status_code for number in range(5)]
    assert codes == [303, 303, 303, 429, 429]
    assert len(mail.outbox) == 4
    assert Confirmation.objects.get().email == "stranger2@example.org"


def test_a_mailbox_is_not_bombed_by_mending_either(send: Any, press: Any) -> None:
    for number in range(3):
        send(f"vic+{number}@example.org", body=f"Comment {number}")
    comment = Comment.objects.latest("pk")
    press(status.address(comment), {"do": "address", "email": "v.ic@example.org"})
    assert len(mail.outbox) == 3


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"email": ""}, "Please enter your email address."),
        ({"email": "nobody"}, "not a complete email address"),
        ({"email": RITA, "website": "https://casino.example"}, "This field catches programs"),
    ],
)
def test_a_slip_in_the_other_address_is_said_at_its_field(
    send: Any, press: Any, said: dict[str, str], sentence: str
) -> None:
    send()
    response = press(status.address(the_comment()), {"do": "address"} | said)
    assert response.status_code == 422 and sentence in response.content.decode()
    assert len(mail.outbox) == 1


def test_what_does_not_wait_for_an_address_takes_none(send: Any, press: Any, edition: Edition) -> None:
    comment = make_comment(edition)
    assert "Another address" not in reader.get(status.address(comment)).content.decode()
    assert elsewhere(press, RITA).status_code == 409
    assert mail.outbox == [] and Confirmation.objects.count() == 0


def test_a_banned_network_and_another_website_mail_nothing(send: Any, press: Any) -> None:
    send()
    Ban.objects.create(network="127.0.0.0/24", reason="Flood", ends_at=NOON + timedelta(days=1))
    assert "Flood" in elsewhere(press, "other@example.org").content.decode()
    assert elsewhere(press, RITA, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert len(mail.outbox) == 1


def test_what_its_author_takes_away_waits_for_no_address_and_the_address_is_forgotten(send: Any, press: Any) -> None:
    send()
    comment = the_comment()
    press(status.address(comment), {"do": "withdraw", "versions": "{}.{}".format(*comment.versions)})
    assert the_comment().state == State.WITHDRAWN
    assert Confirmation.objects.count() == 0
    assert press(link("confirm")).status_code == 404


# Changing it while it waits -----------------------------------------------------------------------


def test_a_comment_changed_while_it_waits_goes_on_waiting_and_is_confirmed_with_its_new_words(
    send: Any, press: Any
) -> None:
    send()
    comment = the_comment()
    form = {"name": "Rita", "body": "Better said.", "versions": "{}.{}".format(*comment.versions)}
    assert reader.post(status.address(comment), form).status_code == 303
    assert the_comment().state == State.AWAITING_EMAIL
    press(link("confirm"))
    assert (the_comment().state, the_comment().body) == (State.PENDING, "Better said.")


def test_an_edit_at_the_same_instant_as_the_click_loses_neither(send: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    send()
    token = link("confirm").rstrip("/").rpartition("/")[2]
    real = confirming.waiting

    def meanwhile(token: str) -> Any:
        monkeypatch.setattr(confirming, "waiting", real)
        found, comment = real(token), the_comment()
        moderation.take_edit(comment, confirming._judge(comment, None), to=State.AWAITING_EMAIL, body="Better.")
        return found

    monkeypatch.setattr(confirming, "waiting", meanwhile)
    assert confirming.confirm(token) == the_comment()
    assert (the_comment().state, the_comment().body) == (State.PENDING, "Better.")


# A browser that is known --------------------------------------------------------------------------


def handed(page: Any) -> str:
    found = re.search(r'data-identity="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def test_the_next_comment_of_the_browser_needs_no_confirming(send: Any, press: Any, edition: Edition) -> None:
    send()
    token = handed(press(link("confirm")))
    assert write(reader, edition, body="And another.", identity=token).status_code == 303
    comment = Comment.objects.latest("pk")
    assert (comment.state, comment.commenter) == (State.PENDING, Commenter.objects.get())
    assert len(mail.outbox) == 1


def test_the_link_makes_no_other_browser_known_once_it_has_been_used_for_a_while(
    send: Any, press: Any, clock: Any
) -> None:
    send()
    press(link("confirm"))
    clock.shift(confirming.FRESH_FOR)
    page = press(link("confirm"))
    assert page.status_code == 200
    assert "data-identity" not in page.content.decode() and "/comments/mine/ey" not in page.content.decode()


def test_the_page_shows_the_address_to_nobody_who_looks_over_a_shoulder(send: Any, press: Any) -> None:
    send(name='"><script>')
    page = press(link("confirm")).content.decode()
    assert RITA not in page and "r…@example.org" in page
    own = page.partition("<main")[2].partition("</main>")[0]
    assert_harmless(re.sub(r"<script[^>]*></script>", "", own))


def forged(kind: str, commenter: Commenter, clock: Any) -> str:
    if kind == "old":
        token = identity.make(commenter)
        clock.shift(identity.GOOD_FOR + timedelta(seconds=1))
        return token
    if kind == "signed out":
        token = identity.make(commenter)
        Commenter.objects.update(token_version=2)
        return token
    if kind == "unverified":
        Commenter.objects.update(verified_at=None)
        return identity.make(commenter)
    return {
        "made up": f"{commenter.pk}.1.abc",
        "of a mail": links.mine_token(commenter),
        "of nobody": tokens.make(identity.PURPOSE, [commenter.pk + 1, 1]),
        "of a shape": tokens.make(identity.PURPOSE, {"pk": commenter.pk}),
        "an address": commenter.email,
    }[kind]


@pytest.mark.parametrize(
    "kind",
    ["made up", "of a mail", "of nobody", "of a shape", "an address", "old", "signed out", "unverified"],
)
def test_a_forged_identity_earns_nothing_and_costs_no_word(edition: Edition, kind: str, clock: Any) -> None:
    token = forged(kind, make_commenter(), clock)
    response = write(reader, edition, body="Quagga", identity=token)
    assert response.status_code == 422
    page = response.content.decode()
    assert "not confirmed in this browser any more" in page and "Quagga" in page
    told = write(reader, edition, identity=token, headers={"Accept": "application/json"}).json()
    assert told["identity"] == ""
    assert Comment.objects.count() == 0


def test_a_banned_reader_is_refused_in_every_browser_that_knows_them(edition: Edition) -> None:
    commenter = make_commenter()
    Ban.objects.create(commenter=commenter, reason="Threats")
    response = write(reader, edition, identity=identity.make(commenter))
    assert response.status_code == 403
    assert "Threats" in response.content.decode()


def test_trust_goes_with_the_confirmed_address_and_not_with_a_typed_one(edition: Edition, erik: User) -> None:
    Opening.objects.create(article=edition.article, mode=Mode.TRUSTED)
    commenter = make_commenter()
    for _ in range(3):
        comment = make_comment(edition, commenter=commenter)
        moderation.decide(comment, "approve", by=erik, expected=comment.versions)
    write(reader, edition, body="Shown at once", identity=identity.make(commenter))
    write(reader, edition, body="Not shown", email=commenter.email, name="Rita")
    assert Comment.objects.get(body="Shown at once").state == State.PUBLISHED
    assert Comment.objects.get(body="Not shown").state == State.AWAITING_EMAIL


def test_pages_that_everybody_gets_hold_no_identity_and_set_no_cookie(edition: Edition) -> None:
    page = reader.get(edition.path)
    assert not page.cookies
    assert 'name="identity" id="comment-form-identity"' in page.content.decode()
