"""What did readers see of this article at that moment? Colleagues are told what the record says."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from articles import publishing
from articles.factories import make_article, make_image, make_live, make_section, republish
from articles.models import Article, Edition, Image
from articles.states import Kind, Status
from newsroom.models import SiteSettings
from newsroom.testing import client_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def at_once(db):
    SiteSettings(undo_seconds=0).save()


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def ask(user, article: Article, at: str = "", **more: str):
    data = {"at": at, **more} if at else more
    return client_of(user).get(reverse("admin:articles_article_live_at", args=[article.pk]), data)


def words(response) -> str:
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_the_page_of_a_moment_is_what_readers_saw_then_marked_as_a_view_of_the_past(bob, clock):
    edition = make_live(headline="Bridge opens", body="<p>On Monday.</p>")
    clock.shift(HOUR)
    republish(edition.article, Kind.CORRECTION, "It closed.", headline="Bridge closed", body="<p>On Tuesday.</p>")
    clock.shift(HOUR)
    before = ask(bob, edition.article, "2026-03-02T12:30")
    said = words(before)
    assert "Readers saw this at 2 March 2026, 12:30 UTC: first publication" in said
    assert "from 2 March 2026, 12:00 UTC until 2 March 2026, 13:00 UTC" in said
    assert "Not the public page" in said
    assert "Bridge opens" in said and "On Monday." in said
    assert "Bridge closed" not in said and "It closed." not in said
    assert b'class="article-head"' in before.content
    after = words(ask(bob, edition.article, "2026-03-02T13:30"))
    assert "Bridge closed" in after and "It closed." in after and "On Monday." not in after


def test_the_view_offers_no_comment_and_no_newsletter_and_is_kept_by_nobody(bob, clock):
    edition = make_live()
    response = ask(bob, edition.article, "2026-03-02T12:00")
    page = response.content.decode()
    assert 'class="comments' not in page and "newsletter" not in page
    assert '<meta name="robots" content="noindex">' in page and "canonical" not in page
    assert "no-store" in response.headers["Cache-Control"]


def test_before_the_first_publication_there_was_nothing(bob, clock):
    edition = make_live()
    assert "it was not published yet" in words(ask(bob, edition.article, "2026-03-02T11:00"))
    draft = make_article()
    assert "it was not published yet" in words(ask(bob, draft, "2026-03-02T11:00"))


def test_before_an_import_the_record_does_not_claim_to_know(bob, clock):
    edition = make_live(published_at=NOON - timedelta(days=900))
    assert "is not known here" in words(ask(bob, edition.article, "2026-03-02T11:00"))
    assert "not published yet" in words(ask(bob, edition.article, "2020-03-02T11:00"))


def test_what_is_withdrawn_now_is_shown_as_it_was_and_told_to_be_hidden(bob, clock):
    edition = make_live(headline="Bridge opens")
    clock.shift(HOUR)
    publishing.withdraw(edition.article, by=None, notice="It was wrong.", reason="error")
    clock.shift(HOUR)
    said = words(ask(bob, edition.article, "2026-03-02T12:30"))
    assert "Readers saw this at 2 March 2026, 12:30 UTC" in said and "Bridge opens" in said
    assert "The article is withdrawn since 2 March 2026, 13:00 UTC" in said and "It was wrong." in said
    then = words(ask(bob, edition.article, "2026-03-02T13:00"))
    assert "Readers saw this notice" in then and "It was wrong." in then


def test_the_time_of_a_lifted_withdrawal_shows_its_notice(bob, clock):
    edition = make_live(headline="Bridge opens")
    clock.shift(HOUR)
    publishing.withdraw(edition.article, by=None, notice="It was wrong.", reason="error")
    clock.shift(HOUR)
    publishing.reinstate(Article.objects.get(), by=None)
    assert "It was wrong." in words(ask(bob, edition.article, "2026-03-02T13:59"))
    again = words(ask(bob, edition.article, "2026-03-02T14:00"))
    assert "Readers saw this" in again and "It was wrong." not in again and "is withdrawn" not in again


def test_a_withdrawal_before_the_first_second_showed_readers_nothing_at_all(bob, clock):
    article = make_article(status=Status.APPROVED)
    publishing.schedule(article, by=None, starts_at=NOON + HOUR)
    publishing.withdraw(Article.objects.get(), by=None, notice="It was unborn.", reason="error")
    clock.shift(2 * HOUR)
    assert "It was unborn." not in words(ask(bob, article, "2026-03-02T13:30"))


def test_after_its_end_an_article_was_no_longer_available(bob, clock):
    article = make_article()
    publishing.import_edition(article, until=NOON + HOUR)
    assert "the last edition will have expired" in words(ask(bob, article, "2026-03-02T13:00"))
    clock.shift(2 * HOUR)
    assert "the last edition had expired" in words(ask(bob, article, "2026-03-02T13:00"))


def test_a_moment_ahead_shows_what_readers_will_see_as_things_stand(bob, clock):
    article = make_article(status=Status.APPROVED, headline="Bridge opens")
    publishing.schedule(article, by=None, starts_at=NOON + HOUR)
    said = words(ask(bob, article, "2026-03-02T13:00"))
    assert "As things stand, readers will see this at 2 March 2026, 13:00 UTC" in said and "Bridge opens" in said
    assert "nothing is planned until then" in words(ask(bob, article, "2026-03-02T12:59"))


def test_an_edition_hidden_from_the_record_is_shown_and_told_to_be_hidden(bob, clock):
    edition = make_live(headline="Bridge opens")
    Edition.objects.update(history_hidden="Hidden after a ruling.")
    said = words(ask(bob, edition.article, "2026-03-02T12:00"))
    assert "Bridge opens" in said and "Hidden after a ruling." in said


def test_a_picture_that_was_taken_down_since_is_not_shown(bob, clock):
    image = make_image(caption="Killedword")
    edition = make_live(lead=image)
    Image.objects.update(killed_at=NOON)
    assert "Killedword" not in words(ask(bob, edition.article, "2026-03-02T12:00"))


# Moments ----------------------------------------------------------------------------------


def test_a_time_that_no_clock_showed_is_refused_and_one_that_came_twice_is_asked_for(bob, clock):
    edition = make_live()
    berlin = {"zone": "Europe/Berlin"}
    assert "the clocks are put forward" in words(ask(bob, edition.article, "2026-03-29T02:30", **berlin))
    twice = ask(bob, edition.article, "2026-10-25T02:30", **berlin)
    assert "this time comes twice" in words(twice) and "Which of the two?" in words(twice)
    later = words(ask(bob, edition.article, "2026-10-25T02:30", at_which="second", **berlin))
    assert "25 October 2026, 02:30 CET" in later


def test_the_zone_of_the_address_goes_before_the_readers_own(bob, clock):
    bob.time_zone = "America/New_York"
    bob.save()
    edition = make_live()
    assert "07:30 EST" in words(ask(bob, edition.article, "2026-03-02T07:30"))
    said = words(ask(bob, edition.article, "2026-03-02T13:00", zone="Europe/Berlin"))
    assert "Readers saw this at 2 March 2026, 13:00 CET" in said
    assert words(ask(bob, edition.article, "2026-03-02T07:30", zone="Mars/Olympus")).count("07:30 EST")


@pytest.mark.parametrize("at", ["x", "2026-13-01T00:00", "0001-01-01T00:00", "\0", "2026-03-02T12:00Z"])
def test_what_is_no_moment_is_refused_with_a_sentence(bob, at):
    edition = make_live()
    response = ask(bob, edition.article, at)
    assert response.status_code in (200, 400)
    assert "Give " in words(response) if response.status_code == 200 else "damaged" in response.content.decode()


def test_without_a_moment_it_asks_for_one(bob):
    assert "Choose a moment" in words(ask(bob, make_live().article))


# Who may ----------------------------------------------------------------------------------


def test_whoever_may_not_read_the_draft_may_not_read_its_past(bob, berta, mallory, erik, client, clock):
    desk = make_section("Politics")
    desk.editors.add(bob)
    article = make_live(section=desk, headline="Secretword").article
    clock.shift(HOUR)
    republish(article, headline="Openword")
    assert ask(bob, article, "2026-03-02T12:00").status_code == 200
    for outsider in (berta, mallory, erik):
        response = ask(outsider, article, "2026-03-02T12:00")
        assert response.status_code in (403, 404), outsider
        assert b"Secretword" not in response.content
    open_to_all = make_live().article
    for outsider in (mallory, erik):
        assert ask(outsider, open_to_all).status_code == 403
    assert client.get(reverse("admin:articles_article_live_at", args=[article.pk])).status_code == 302
    assert ask(bob, Article(pk=99999)).status_code == 404


def test_the_page_needs_no_inline_script_or_style_in_either_form(bob, clock):
    article = make_live(language="ar").article
    for at in ("", "2026-03-02T12:00", "2026-03-02T11:00"):
        page = ask(bob, article, at).content.decode()
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", page)
        assert "<style" not in page and not re.search(r"<script(?![^>]*\ssrc=)", page)


def test_the_page_of_an_arabic_article_runs_from_the_right_and_the_banner_in_the_readers_language(bob, clock):
    article = make_live(language="ar").article
    page = ask(bob, article, "2026-03-02T12:00").content.decode()
    assert '<html lang="ar" dir="rtl">' in page
    assert re.search(r'<section class="past" lang="en" dir="ltr"', page)
