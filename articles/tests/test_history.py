"""The public record of an article: what readers saw, what changed in it, and what must not show."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles import history, publishing
from articles.factories import (
    approve,
    edit,
    make_article,
    make_author,
    make_image,
    make_live,
    make_section,
    make_tag,
    republish,
)
from articles.models import Article, Edition, Image
from articles.states import Kind, Status
from newsroom import pagecache
from newsroom.models import SiteSettings

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def at_once(db):
    """What is published is there at once."""
    SiteSettings(undo_seconds=0).save()


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def plan(article: Article, at: datetime, until: datetime | None = None, **fields) -> Edition:
    article = edit(Article.objects.get(pk=article.pk), **fields)
    approve(article)
    return publishing.schedule(article, by=None, starts_at=at, expires_at=until)


def hide(edition: Edition, notice: str) -> None:
    publishing.hide_from_history(edition, by=None, notice=notice)
    pagecache.forget()  # as the commit does, which a test does not reach


def page_of(client, edition: Edition, page: int = 1) -> str:
    response = client.get(f"{edition.path}history/", {"page": page} if page > 1 else {})
    assert response.status_code == 200
    return response.content.decode()


def headings(page: str) -> list[str]:
    return [
        " ".join(words.split()) for words in re.findall(r"<h2>(.*?)</h2>", page[page.index('class="record"') :], re.S)
    ]


def entry_of(page: str, edition: Edition) -> str:
    part = page[page.index(f'id="edition-{edition.pk}"') :]
    return part[: part.index("</article>")]


def changed(html: str) -> tuple[list[str], list[str]]:
    """What was taken away and what was added, as readers see it."""
    html = re.sub(r'<span class="[^"]*unseen".*?</span>', "", html)
    plain = [re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", html, re.S) for tag in ("del", "ins")]
    gone, new = ([re.sub(r"<[^>]+>", "", words).strip() for words in found] for found in plain)
    return gone, new


# What stands in it ------------------------------------------------------------------------


def test_every_edition_that_was_live_stands_in_it_newest_first_with_kind_times_and_zone(client, clock):
    first = make_live(headline="Bridge opens", body="<p>The bridge opens on Monday.</p>")
    clock.shift(HOUR)
    republish(first.article, body="<p>The bridge opens on Tuesday.</p>")
    clock.shift(HOUR)
    republish(first.article, kind=Kind.MINOR, body="<p>The bridge opens on Tuesday!</p>")
    clock.shift(HOUR)
    corrected = republish(
        first.article, Kind.CORRECTION, "It opens on Friday.", body="<p>The bridge opens on Friday.</p>"
    )
    clock.shift(HOUR)
    page = page_of(client, corrected)
    assert headings(page) == ["Correction", "Minor change", "Update", "First publication"]
    assert "It opens on Friday." in entry_of(page, corrected)
    assert "2 March 2026, 15:00 <abbr>UTC</abbr>" in entry_of(page, corrected)
    assert "until now" in entry_of(page, corrected)
    oldest = entry_of(page, first)
    assert "12:00 <abbr>UTC</abbr>" in oldest and "13:00 <abbr>UTC</abbr>" in oldest and "until now" not in oldest


def test_an_update_shows_the_words_that_are_new_and_those_that_are_gone(client, clock):
    first = make_live(body="<p>The bridge opens on Monday.</p><p>Nobody minds.</p>")
    clock.shift(HOUR)
    second = republish(first.article, body="<p>The bridge opens on Tuesday.</p><p>Nobody minds.</p>")
    gone, new = changed(entry_of(page_of(client, second), second))
    assert gone and "Monday" in gone[0] and "bridge" not in gone[0]
    assert new and "Tuesday" in new[0] and "minds" not in " ".join(new)


def test_the_first_publication_can_be_read_whole(client, clock):
    first = make_live(headline="Bridge opens", body="<p>On Monday.</p>", standfirst="After ten years")
    clock.shift(HOUR)
    republish(first.article, headline="Bridge closed", body="<p>On Tuesday.</p>", standfirst="For ten years")
    entry = entry_of(page_of(client, first), first)
    for words in ("Bridge opens", "On Monday.", "After ten years", "Ada Writer"):
        assert words in entry
    assert "Tuesday" not in entry


def test_an_imported_article_says_where_its_record_begins(client, clock):
    edition = make_live(published_at=datetime(2019, 5, 1, 8, 0, tzinfo=UTC))
    page = page_of(client, edition)
    assert headings(page) == ["First recorded edition"]
    said = " ".join(re.sub(r"<[^>]+>", "", page).split())
    assert "first published on 1 May 2019, 08:00 UTC. Its record begins on 2 March 2026, 12:00 UTC" in said


def test_the_record_is_kept_out_of_search_engines_and_says_where_it_belongs(client):
    edition = make_live()
    page = page_of(client, edition)
    assert '<meta name="robots" content="noindex">' in page
    canonical = re.search(r'<link rel="canonical" href="http[^"]+">', page)
    assert canonical and canonical[0].endswith(f'{edition.path}history/">')
    assert f"{edition.path}history/".encode() not in client.get("/sitemap.xml").content


# Where it is, and what it costs -----------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_article_leads_to_its_record_once_there_is_something_in_it(client, clock):
    edition = make_live()
    link = f'href="{edition.path}history/"'
    assert link not in client.get(edition.path).content.decode()
    clock.shift(HOUR)
    republish(edition.article, body="<p>Other words.</p>")
    assert link in client.get(edition.path).content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_kept_record_is_made_anew_at_the_commit_that_changes_it_and_at_no_other_time(client, clock):
    first = make_live(body="<p>Firstword.</p>")
    clock.shift(HOUR)
    page_of(client, first)
    republish(first.article, body="<p>Secondword.</p>")
    assert "Secondword" in page_of(client, first)
    with CaptureQueriesContext(connection) as queries:
        page_of(client, first)
    assert len(queries) == 0
    edition = publishing.hide_from_history(first, by=None, notice="Hidden after a ruling.")
    assert "Firstword" not in page_of(client, first)
    publishing.show_in_history(edition)
    assert "Firstword" in page_of(client, first)
    publishing.withdraw(Article.objects.get(), by=None, notice="It was wrong.", reason="error")
    assert client.get(f"{first.path}history/").status_code == 410


def test_a_record_costs_as_many_queries_for_thirty_editions_with_pictures_as_for_two(client, clock):
    def cost(edition: Edition) -> int:
        pagecache.forget()
        pagecache.generation()
        with CaptureQueriesContext(connection) as queries:
            page_of(client, edition)
        return len(queries)

    first = make_live(body="<p>Edition 0.</p>")
    clock.shift(HOUR)
    republish(first.article, body="<p>Edition 1.</p>")
    few = cost(first)
    for number in range(2, 30):
        clock.shift(HOUR)
        figure = f'<figure data-image="{make_image().pk}"><img alt="x"></figure>'
        republish(first.article, Kind.CORRECTION, f"Notice {number}", body=f"<p>Edition {number}.</p>{figure}")
    assert cost(first) <= few <= 14


def test_a_long_record_is_paged_and_compares_over_the_edge_of_a_page(client, clock):
    edition = make_live(body="<p>Word number0.</p>")
    for number in range(1, 13):
        clock.shift(HOUR)
        edition = republish(edition.article, body=f"<p>Word number{number}.</p>")
    first, second = page_of(client, edition), page_of(client, edition, 2)
    assert (len(headings(first)), len(headings(second))) == (10, 3)
    last = Edition.objects.order_by("live_from")[3]
    gone, new = changed(entry_of(first, last))
    assert (gone == ["number2"] and new == ["number3"]) or ("number2" in gone[0] and "number3" in new[0])
    assert 'rel="next"' in first and 'rel="prev"' in second
    assert client.get(f"{edition.path}history/?page=3").status_code == 404
    assert client.get(f"{edition.path}history/?page=x").status_code == 404


def test_a_record_is_new_at_the_second_of_an_update_though_it_is_kept(client, clock):
    first = make_live(body="<p>The bridge opens.</p>")
    plan(first.article, NOON + HOUR, body="<p>The bridge closes.</p>")
    assert headings(page_of(client, first)) == ["First publication"]
    clock.shift(HOUR - timedelta(seconds=1))
    assert headings(page_of(client, first)) == ["First publication"]
    clock.shift(1)
    assert headings(page_of(client, first)) == ["Update", "First publication"]
    with CaptureQueriesContext(connection) as queries:
        page_of(client, first)
    assert len(queries) == 0


def test_texts_that_are_too_long_to_be_compared_on_a_page_say_so(client, clock, monkeypatch):
    first = make_live(body="<p>The bridge opens.</p>")
    for word in ("closes", "opens", "closes"):
        clock.shift(HOUR)
        edition = republish(first.article, body=f"<p>The bridge {word}.</p>")
    monkeypatch.setattr(history, "MOST_COMPARED", 60)
    page = page_of(client, edition)
    assert changed(entry_of(page, edition)) == (["opens"], ["closes"])
    assert page.count("These texts are too long to be compared here.") == 2
    assert len(headings(page)) == 4


def test_what_did_not_change_is_counted_and_not_sent_again(client, clock):
    paragraphs = [f"<p>Unchanged{number}.</p>" for number in range(20)]
    first = make_live(body="".join(paragraphs))
    clock.shift(HOUR)
    second = republish(first.article, body="".join([*paragraphs, "<p>Added.</p>"]))
    entry = entry_of(page_of(client, second), second)
    assert "19 unchanged paragraphs" in entry and "Unchanged19." in entry and "Unchanged5." not in entry


# Where there is none ----------------------------------------------------------------------


def test_what_was_never_published_has_no_record(client, clock):
    article = make_article(status=Status.APPROVED)
    planned = publishing.schedule(article, by=None, starts_at=NOON + HOUR)
    assert client.get(f"{planned.path}history/").status_code == 404
    assert client.get("/2026/03/02/nothing/history/").status_code == 404


def test_the_record_of_what_is_withdrawn_is_the_notice_and_nothing_else(client, clock):
    edition = make_live(headline="Secretword")
    clock.shift(HOUR)
    republish(edition.article, headline="Secretword again")
    publishing.withdraw(Article.objects.get(), by=None, notice="It was wrong.", reason="error")
    response = client.get(f"{edition.path}history/")
    assert response.status_code == 410
    assert "It was wrong." in response.content.decode() and "Secretword" not in response.content.decode()


def test_the_record_of_what_has_expired_is_gone_with_it(client, clock):
    article = make_article()
    edition = publishing.import_edition(article, until=NOON + HOUR)
    assert client.get(f"{edition.path}history/").status_code == 200
    clock.shift(HOUR)
    response = client.get(f"{edition.path}history/")
    assert response.status_code == 410 and "no longer available" in response.content.decode()


def test_an_old_address_leads_to_the_record_at_the_present_one(client, clock):
    first = make_live(slug="bridge")
    clock.shift(HOUR)
    second = republish(first.article, slug="new-bridge")
    response = client.get(f"{first.path}history/")
    assert (response.status_code, response.headers["Location"]) == (301, f"{second.path}history/")
    assert client.get(f"{second.path}history").headers["Location"] == f"{second.path}history/"


def test_a_record_answers_below_its_own_language_only(client):
    german = make_live(language="de", slug="hafen")
    assert client.get(f"{german.path}history/").headers["Content-Language"] == "de"
    assert client.get(f"{german.path.removeprefix('/de')}history/").status_code == 404


def test_an_address_in_any_script_has_a_record(client):
    arabic = make_live(language="ar", slug="الميناء-مفتوح", headline="الميناء مفتوح")
    assert '<html lang="ar" dir="rtl">' in page_of(client, arabic)


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("de", ["Überschrift", "Vorspann", "Dachzeile", "Ressort", "Autoren", "Themen", "Aufmacherbild", "Bild"]),
        ("ar", ["العنوان", "المقدمة", "القسم", "الكتّاب", "الصورة الرئيسية", "تصحيح"]),
    ],
)
def test_a_record_speaks_the_language_of_its_article(client, clock, language, labels):
    first = make_live(language=language, headline="1", standfirst="1", body="<p>1</p>", lead=make_image())
    clock.shift(HOUR)
    article = first.article
    article.tags.set([make_tag("2")])
    article.image_uses.all().delete()
    article.bylines.update(author=make_author("2"))
    figure = (
        f'<figure data-image="{make_image(alt="2", caption="2", credit="2").pk}" class="wide"><img alt="2"></figure>'
    )
    fields = {
        "kicker": "2",
        "headline": "2",
        "standfirst": "2",
        "body": f"<p>2</p>{figure}",
        "section": make_section("2"),
    }
    republish(article, Kind.CORRECTION, "2", **fields)
    page = page_of(client, first)
    record = page[page.index('class="record"') :]
    for label in labels:
        assert label in record, label
    english = ("Headline", "Standfirst", "Kicker", "Section", "Byline", "Lead image", "Topics", "Picture", "Credit")
    for label in (*english, "words", "added:", "removed:", "Correction", "First", "until", "from"):
        assert f">{label}" not in re.sub(r"\s+", "", record), label


# What must not show -----------------------------------------------------------------------


def test_what_is_planned_cancelled_or_held_shows_neither_itself_nor_its_time(client, clock):
    first = make_live(body="<p>The bridge opens.</p>")
    cancelled = plan(first.article, NOON + 2 * HOUR, body="<p>Cancelledword.</p>")
    publishing.cancel(cancelled)
    plan(first.article, NOON + 5 * HOUR, body="<p>Plannedword.</p>")
    clock.shift(HOUR)
    second = republish(first.article, body="<p>The bridge closes.</p>")
    clock.shift(HOUR)
    page = page_of(client, second)
    assert headings(page) == ["Update", "First publication"]
    assert "Cancelledword" not in page and "Plannedword" not in page
    assert "17:00" not in page, "the end that a plan gives to the present edition is no reader's business"
    assert changed(entry_of(page, second))[0] == ["opens"] or "opens" in changed(entry_of(page, second))[0][0]


def test_an_edition_that_stood_behind_a_withdrawal_for_all_its_time_is_not_in_the_record(client, clock):
    first = make_live(body="<p>The bridge opens.</p>")
    plan(first.article, NOON + 2 * HOUR, body="<p>Unseenword.</p>")
    plan(first.article, NOON + 3 * HOUR, body="<p>The bridge closes.</p>")
    clock.shift(HOUR)
    article = Article.objects.get()
    publishing.withdraw(article, by=None, notice="It was wrong.", reason="error")
    clock.shift(2 * HOUR + timedelta(minutes=30))
    publishing.reinstate(Article.objects.get(), by=None)
    last = Edition.objects.live().get()
    page = page_of(client, last)
    assert headings(page) == ["Update", "First publication"]
    assert "Unseenword" not in page
    assert "15:30 <abbr>UTC</abbr>" in entry_of(page, last) and "15:00" not in entry_of(page, last)
    assert "13:00 <abbr>UTC</abbr>" in entry_of(page, first) and "14:00" not in entry_of(page, first)


def test_a_withdrawal_in_between_is_told_with_its_times(client, clock):
    edition = make_live()
    clock.shift(HOUR)
    publishing.withdraw(Article.objects.get(), by=None, notice="It was wrong.", reason="error")
    clock.shift(HOUR)
    publishing.reinstate(Article.objects.get(), by=None)
    page = " ".join(re.sub(r"<[^>]+>", "", entry_of(page_of(client, edition), edition)).split())
    assert "from 2 March 2026, 12:00 UTC until 2 March 2026, 13:00 UTC" in page
    assert "withdrawn for a time" in page
    assert "from 2 March 2026, 14:00 UTC until now" in page


def test_a_hidden_edition_shows_its_notice_and_no_difference_reveals_it(client, clock):
    first = make_live(headline="Bridge", body="<p>The bridge opens on Monday.</p>")
    clock.shift(HOUR)
    second = republish(first.article, headline="Libelword", body="<p>The mayor is a libelword.</p>")
    clock.shift(HOUR)
    third = republish(
        first.article, Kind.CORRECTION, "She is not.", headline="Bridge", body="<p>The bridge opens on Friday.</p>"
    )
    clock.shift(HOUR)
    assert "ibelword" in page_of(client, third)
    hide(second, "Hidden after a ruling.")
    page = page_of(client, third)
    assert "Hidden after a ruling." in entry_of(page, second) and "Update" in entry_of(page, second)
    assert "ibelword" not in page
    gone, new = changed(entry_of(page, third))
    assert "Monday" in " ".join(gone) and "Friday" in " ".join(new)
    assert "Compared with the edition from" in entry_of(page, third)


def test_what_follows_hidden_ones_alone_is_shown_whole(client, clock):
    first = make_live(body="<p>The mayor is a libelword.</p>")
    clock.shift(HOUR)
    second = republish(first.article, body="<p>The bridge opens on Friday.</p>")
    hide(first, "Hidden after a ruling.")
    page = page_of(client, second)
    assert "libelword" not in page
    assert changed(entry_of(page, second)) == ([], [])
    assert "The bridge opens on Friday." in entry_of(page, second)
    assert "nothing to compare it with" in entry_of(page, second)


def test_an_edition_is_compared_past_hidden_ones_on_the_next_page(client, clock):
    edition = make_live(body="<p>Word number0.</p>")
    for number in range(1, 13):
        clock.shift(HOUR)
        edition = republish(edition.article, body=f"<p>Word number{number}.</p>")
    row = list(Edition.objects.order_by("-live_from"))
    for hidden in row[history.PAGE : history.PAGE + 2]:
        hide(hidden, "Hidden after a ruling.")
    gone, new = changed(entry_of(page_of(client, edition), row[history.PAGE - 1]))
    assert "number0" in gone[0] and "number3" in new[0]


def test_a_picture_that_was_taken_down_shows_neither_itself_nor_its_words(client, clock):
    killed, kept = make_image(), make_image()
    figure = (
        '<figure data-image="{}" data-credit="{} credit"><img alt="{} alt"><figcaption>{} caption</figcaption></figure>'
    )
    first = make_live(body="<p>One.</p>" + figure.format(killed.pk, *["killedword"] * 3), lead=killed)
    clock.shift(HOUR)
    body = "<p>Two.</p>" + figure.format(killed.pk, *["killedword new"] * 3) + figure.format(kept.pk, *["keptword"] * 3)
    second = republish(first.article, body=body)
    assert "killedword" in page_of(client, second)
    Image.objects.filter(pk=killed.pk).update(killed_at=NOON)
    pagecache.forget()
    page = page_of(client, second)
    assert "killedword" not in page and killed.caption not in page and killed.credit not in page
    assert "keptword" in entry_of(page, second)
    assert "no longer available" in entry_of(page, second)
