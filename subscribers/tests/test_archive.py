"""Past issues on the web: for everybody alike, and without what may not be read any more."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from articles import library, publishing
from articles.factories import make_image, make_live
from newsroom.models import User
from subscribers.factories import make_issue, make_newsletter, make_subscriber
from subscribers.issues import workflow
from subscribers.models import Batch, Delivery, Issue, Newsletter
from subscribers.states import IssueState

pytestmark = pytest.mark.django_db

SENT_AT = datetime(2026, 5, 4, 7, tzinfo=UTC)
RENDITION = {"width": 1200, "height": 800, "type": "image/jpeg", "path": "ab/cd-1200.jpg"}
EVIL = '<script>alert(1)</script><img src=x onerror="alert(2)">'


def sent(*editions: Any, state: IssueState = IssueState.SENT, **fields: Any) -> Issue:
    issue = workflow.change(make_issue(*editions, **fields), "ready")
    Issue.objects.filter(pk=issue.pk).update(state=state, starts_at=SENT_AT)
    return issue


def deliver(issue: Issue, *states: str, **fields: Any) -> None:
    for state in states:
        reader = make_subscriber("", issue.newsletter)
        Delivery.objects.create(issue=issue, subscriber=reader, state=state, changed_at=SENT_AT, **fields)


@pytest.fixture
def weekly(db: None) -> Newsletter:
    return make_newsletter(name="The week", slug="the-week")


@pytest.mark.parametrize("state", list(IssueState))
def test_an_issue_can_be_read_from_the_first_mail_on_and_not_before(state: IssueState, weekly: Newsletter) -> None:
    if state == IssueState.DRAFT:
        make_issue(make_live(), newsletter=weekly, key="one")
    else:
        sent(make_live(), newsletter=weekly, key="one", state=state)
    public = state in (IssueState.SENDING, IssueState.PAUSED, IssueState.SENT)
    for address in ("/newsletter/the-week/one/", "/newsletter/the-week/", "/newsletter/the-week/feed/"):
        assert Client().get(address).status_code == (200 if public else 404)


def test_it_shows_the_words_that_were_sent_and_no_personal_link(weekly: Newsletter) -> None:
    edition = make_live(headline="Ferry stops", standfirst="It rests.")
    issue = make_issue(edition, newsletter=weekly, key="one", subject="All quiet", intro="Good **morning**")
    issue.items.update(headline="No ferry")
    issue = workflow.change(issue, "ready")
    Issue.objects.filter(pk=issue.pk).update(state=IssueState.SENT, starts_at=SENT_AT)
    make_subscriber("", weekly)
    page = Client().get("/newsletter/the-week/one/").content.decode()
    for words in ("All quiet", "<strong>morning</strong>", "No ferry", "It rests.", edition.path, "The week"):
        assert words in page
    assert "Ferry stops" not in page
    assert "/newsletter/unsubscribe/" not in page and "/newsletter/preferences/ey" not in page


def test_the_list_and_the_feed_name_the_newest_first(weekly: Newsletter) -> None:
    for key, day in (("old", 1), ("new", 2)):
        issue = sent(make_live(), newsletter=weekly, key=key, subject=f"The {key} one")
        Issue.objects.filter(pk=issue.pk).update(starts_at=SENT_AT.replace(day=day))
    for address in ("/newsletter/the-week/", "/newsletter/the-week/feed/"):
        page = Client().get(address).content.decode()
        assert 0 < page.index("The new one") < page.index("The old one")
    assert 'href="/newsletter/the-week/"' in Client().get("/newsletter/").content.decode()


def test_it_answers_below_its_own_language_only(weekly: Newsletter) -> None:
    arabic = make_newsletter(slug="arabic", language="ar")
    sent(make_live(language="ar"), newsletter=arabic, key="one")
    sent(make_live(), newsletter=weekly, key="one")
    assert Client().get("/ar/newsletter/arabic/one/").status_code == 200
    assert 'dir="rtl"' in Client().get("/ar/newsletter/arabic/one/").content.decode()
    for address in (
        "/newsletter/arabic/one/",
        "/newsletter/arabic/",
        "/ar/newsletter/the-week/one/",
        "/de/newsletter/arabic/",
    ):
        assert Client().get(address).status_code == 404


def test_what_is_not_there_is_not_found(weekly: Newsletter) -> None:
    sent(make_live(), newsletter=weekly, key="one")
    for address in ("two/", "one/x/", "?page=2", "?page=x", "One/"):
        assert Client().get(f"/newsletter/the-week/{address}").status_code == 404
    assert Client().post("/newsletter/the-week/one/").status_code in (403, 405)


def test_the_sites_own_words_are_never_taken_for_newsletters(client: Client) -> None:
    for word in ("almost-there", "confirmed"):
        assert client.get(f"/newsletter/{word}/").status_code == 200


def test_withdrawing_an_article_blanks_its_block_at_once(
    weekly: Newsletter, django_capture_on_commit_callbacks: Any
) -> None:
    edition = make_live(headline="Ferry stops", standfirst="It rests.")
    sent(edition, make_live(headline="Bridge opens"), newsletter=weekly, key="one", subject="All quiet")
    address = "/newsletter/the-week/one/"
    assert "Ferry stops" in Client().get(address).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        publishing.withdraw(edition.article, by=None, notice="We were wrong about it.", reason="error")
    page = Client().get(address).content.decode()
    assert "Ferry stops" not in page and "It rests." not in page and edition.path not in page
    assert "We were wrong about it." in page and "Bridge opens" in page


def test_taking_down_a_picture_takes_it_out_at_once(
    weekly: Newsletter, dora: User, django_capture_on_commit_callbacks: Any
) -> None:
    image = make_image(renditions=[RENDITION], alt="Somebody at a quay", credit="Ada Lens")
    sent(make_live(headline="Ferry stops", lead=image), newsletter=weekly, key="one")
    address = "/newsletter/the-week/one/"
    page = Client().get(address).content.decode()
    assert "ab/cd-1200.jpg" in page and "Somebody at a quay" in page
    with django_capture_on_commit_callbacks(execute=True):
        library.kill(image, by=dora, notice="Gone", reason="Asked for")
    page = Client().get(address).content.decode()
    assert "ab/cd-1200.jpg" not in page and "Somebody at a quay" not in page and "Ada Lens" not in page
    assert "Ferry stops" in page


def test_whatever_an_editor_types_runs_nowhere(weekly: Newsletter) -> None:
    edition = make_live(headline=f"A {EVIL}", standfirst=EVIL)
    issue = sent(edition, newsletter=weekly, key="one", subject=f"S {EVIL}", intro=f"I {EVIL}")
    Newsletter.objects.update(name=f"N {EVIL}", description=EVIL)
    for address in ("/newsletter/the-week/one/", "/newsletter/the-week/", "/newsletter/the-week/feed/", "/newsletter/"):
        page = Client().get(address).content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page
    content = issue.content
    assert content
    # Even what did not come through the form is cleaned where it is shown.
    Issue.objects.filter(pk=issue.pk).update(content={**content, "intro": EVIL})
    assert "<script>alert" not in Client().get("/newsletter/the-week/one/").content.decode()


def test_it_is_kept_whole_for_everybody_and_sets_no_cookie(weekly: Newsletter, django_assert_num_queries: Any) -> None:
    sent(make_live(), newsletter=weekly, key="one")
    first = Client().get("/newsletter/the-week/one/")
    assert not first.cookies
    assert "ETag" in first.headers
    with django_assert_num_queries(0):
        again = Client().get("/newsletter/the-week/one/")
    assert again.content == first.content


def test_an_issue_that_was_cancelled_before_anything_went_out_is_gone_from_kept_pages(
    weekly: Newsletter, django_capture_on_commit_callbacks: Any
) -> None:
    issue = sent(make_live(), newsletter=weekly, key="one", state=IssueState.PAUSED)
    deliver(issue, "queued")
    assert Client().get("/newsletter/the-week/one/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        workflow.change(Issue.objects.get(pk=issue.pk), "cancel")
    assert Client().get("/newsletter/the-week/one/").status_code == 404


@pytest.mark.parametrize("end", ["cancel", "fail"])
def test_whoever_got_an_issue_that_was_cut_short_reads_it_on_the_web_and_nobody_else_finds_it(
    weekly: Newsletter, django_capture_on_commit_callbacks: Any, end: str
) -> None:
    edition = make_live(headline="Ferry stops")
    issue = sent(edition, make_live(headline="Bridge opens"), newsletter=weekly, key="one", state=IssueState.SENDING)
    deliver(issue, "queued", "handed_over")
    address, lists = "/newsletter/the-week/one/", ("/newsletter/the-week/", "/newsletter/the-week/feed/")
    assert 'content="noindex"' not in Client().get(address).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        workflow.change(Issue.objects.get(pk=issue.pk), end)
        publishing.withdraw(edition.article, by=None, notice="We were wrong about it.", reason="error")
    page = Client().get(address).content.decode()
    assert "Bridge opens" in page and "We were wrong about it." in page and "Ferry stops" not in page
    assert '<meta name="robots" content="noindex">' in page
    assert not any(f'{one}"' in page for one in lists)  # there is nothing behind these links
    assert [Client().get(one).status_code for one in lists] == [404, 404]
    sent(make_live(), newsletter=weekly, key="two", subject="The next one")
    for one in lists:
        listed = Client().get(one).content.decode()
        assert "The next one" in listed and issue.subject not in listed


@pytest.mark.parametrize(
    ("state", "readable"),
    [
        *((one, False) for one in ("queued", "deferred", "failed", "skipped")),
        *((one, True) for one in ("claimed", "handed_over", "delivered", "bounced", "complained", "uncertain")),
    ],
)
def test_a_cancelled_issue_is_there_for_those_who_have_a_mail_of_it(
    weekly: Newsletter, state: str, readable: bool
) -> None:
    issue = sent(make_live(), newsletter=weekly, key="one", state=IssueState.CANCELLED)
    batch = Batch.objects.create(issue=issue, worker="one", lease_until=SENT_AT, started_at=SENT_AT)
    deliver(issue, state, batch=batch if state == "claimed" else None)
    assert Client().get("/newsletter/the-week/one/").status_code == (200 if readable else 404)


def test_a_page_costs_as_many_queries_for_one_article_as_for_ten(
    weekly: Newsletter, django_assert_max_num_queries: Any
) -> None:
    Client().get("/newsletter/")  # finds out until when pages may be kept
    for key, count in (("one", 1), ("ten", 10)):
        images = [make_image(renditions=[RENDITION]) for _number in range(count)]
        sent(*(make_live(lead=image) for image in images), newsletter=weekly, key=key)
        with django_assert_max_num_queries(6):
            Client().get(f"/newsletter/the-week/{key}/")
    with django_assert_max_num_queries(6):
        Client().get("/newsletter/the-week/")
