"""An article's timeline on its form: what is told of each edition, and what can be done to it."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from articles import publishing, workflow
from articles.admin.timeline import Row, Timeline, timeline
from articles.factories import approve, edit, make_article, make_live
from articles.models import Article, Edition
from articles.states import Status
from articles.tests.test_admin_articles import change
from newsroom.lib import clock
from newsroom.models import User
from newsroom.testing import client_of

pytestmark = pytest.mark.django_db

NOON = "2026-11-22 12:00:00+00:00"
H = timedelta(hours=1)


def told(article: Article, user: User) -> Timeline:
    article = Article.objects.select_related("section", "revision").with_public_state(clock.now()).get(pk=article.pk)
    return timeline(article, user, workflow.open_verbs(user, article))


def lines(rows: list[Row]) -> list[tuple[str, str, str, str]]:
    return [(row.state or row.what, row.begins, row.ends, row.headline) for row in rows]


def verbs(row: Row) -> dict[str, bool]:
    """What can be done to it: {verb: at once}."""
    return {beside.verb.name: beside.at_once for beside in row.verbs}


def another(article: Article, by: User, starts_at: Any = None, **fields: Any) -> Edition:
    """A changed text of `article`, approved and planned, or published where no start is given."""
    article.refresh_from_db()
    article = edit(article, headline=f"{article.headline}!")
    approve(article)
    if starts_at is None:
        return publishing.publish(article, by=by)
    return publishing.schedule(article, by=by, starts_at=starts_at, **fields)


@pytest.fixture
def live() -> Article:
    """Live since three hours before noon."""
    with time_machine.travel("2026-11-22 09:00:00+00:00", tick=False):
        return make_live(headline="Bridge closed").article


@time_machine.travel(NOON, tick=False)
def test_what_is_to_come_stands_first_and_now_stands_between(live: Article, bob: User) -> None:
    another(live, bob, clock.now() + 2 * H, expires_at=clock.now() + 5 * H)
    assert lines(told(live, bob).rows) == [
        ("gap", "17:00 UTC", "", ""),
        ("waiting", "14:00 UTC", "17:00 UTC", "Bridge closed!"),
        ("now", "12:00 UTC", "", ""),
        ("live", "09:00 UTC", "14:00 UTC", "Bridge closed"),
    ]


@time_machine.travel(NOON, tick=False)
def test_each_is_numbered_as_in_the_drawing(live: Article, bob: User) -> None:
    another(live, bob, clock.now() + 2 * H)
    found = told(live, bob)
    assert found.picture is not None
    drawn = [(shape.number, shape.state) for shape in found.picture["bars"]]
    assert drawn == [(1, "live"), (2, "waiting")]
    assert [row.number for row in found.rows if row.edition] == [2, 1]
    assert "Bridge closed!”: from 14:00 UTC" in found.picture["bars"][1].title


@time_machine.travel(NOON, tick=False)
def test_a_waiting_one_can_come_now_be_held_or_cancelled_by_an_editor_alone(
    live: Article, alice: User, bob: User
) -> None:
    another(live, bob, clock.now() + 2 * H)
    assert verbs(told(live, bob).rows[0]) == {"now": True, "hold": False, "cancel": False}
    assert verbs(told(live, alice).rows[0]) == {}


@time_machine.travel(NOON, tick=False)
def test_what_was_just_published_is_undone_by_whoever_published_it(live: Article, bob: User, berta: User) -> None:
    another(live, bob)
    own, others = told(live, bob), told(live, berta)
    assert own.undo is not None
    assert (own.undo.seconds, own.undo.until) == (20, "12:00:20 UTC")
    assert verbs(own.rows[0]) == {"undo": True, "now": True, "hold": False}
    assert others.undo is None
    assert verbs(others.rows[0]) == {"now": True, "hold": False, "cancel": False}


@time_machine.travel(NOON, tick=False)
def test_what_was_scheduled_long_before_is_not_undone_in_its_last_seconds(live: Article, bob: User) -> None:
    another(live, bob, clock.now() + H)
    with time_machine.travel("2026-11-22 12:59:50+00:00", tick=False):
        assert told(live, bob).undo is None


@time_machine.travel(NOON, tick=False)
def test_a_held_one_stands_apart_with_the_reason_and_can_be_released_or_cancelled(live: Article, bob: User) -> None:
    edition = another(live, bob, clock.now() + 2 * H)
    live.refresh_from_db()
    workflow.perform("hold", live, by=bob, edition=edition, note="The mayor calls back.")
    found = told(live, bob)
    assert [row.state for row in found.rows if row.edition] == ["live"]
    assert [(row.state, row.begins, row.more) for row in found.apart] == [
        ("held", "14:00 UTC", ["Held since 12:00 UTC: The mayor calls back."])
    ]
    assert verbs(found.apart[0]) == {"release": False, "cancel": False}


@time_machine.travel(NOON, tick=False)
def test_one_that_clashes_says_with_what(live: Article, bob: User) -> None:
    edition = another(live, bob, clock.now() + 2 * H)
    first = live.editions.earliest("pk")
    Edition.objects.filter(pk=edition.pk).update(held_at=clock.now(), held_for=first, live_from=None, live_until=None)
    row = told(live, bob).apart[0]
    assert row.more == ["Held since 12:00 UTC, because it clashes with “Bridge closed” of 09:00 UTC."]
    assert verbs(row) == {"release": False, "hold": False, "cancel": False}


@time_machine.travel(NOON, tick=False)
def test_a_cancelled_one_stands_apart_with_nothing_to_be_done(live: Article, bob: User) -> None:
    publishing.cancel(another(live, bob, clock.now() + 2 * H))
    row = told(live, bob).apart[0]
    assert (row.state, row.more, row.verbs) == ("cancelled", ["Cancelled: 12:00 UTC."], [])


@time_machine.travel(NOON, tick=False)
def test_a_past_one_is_hidden_from_the_history_and_shown_again_by_a_duty_editor(
    live: Article, bob: User, charlie: User
) -> None:
    edition = live.editions.get()
    assert verbs(told(live, bob).rows[-1]) == {}
    assert verbs(told(live, charlie).rows[-1]) == {"hide": False}
    workflow.perform("hide", live, by=charlie, past_edition=edition, notice="Names a child.")
    row = told(live, charlie).rows[-1]
    assert row.more == ["Hidden in the public history by Charlie, 12:00 UTC: “Names a child.”"]
    assert verbs(row) == {"unhide": True}


@time_machine.travel(NOON, tick=False)
def test_a_withdrawal_is_told_with_its_notice_and_its_end(live: Article, charlie: User, bob: User) -> None:
    live.refresh_from_db()
    publishing.withdraw(live, by=charlie, notice="It was wrong.", reason="error")
    row = told(live, charlie).rows[1]
    assert (row.what, row.state, row.notice, row.ends) == ("withdrawal", "withdrawn", "It was wrong.", "")
    with time_machine.travel("2026-11-22 15:00:00+00:00", tick=False):
        publishing.reinstate(live, by=bob)
        row = told(live, charlie).rows[1]
        assert (row.state, row.begins, row.ends) == ("", "12:00 UTC", "15:00 UTC")
        assert row.more == ["Lifted by Bob, 15:00 UTC."]


@time_machine.travel(NOON, tick=False)
def test_a_gap_says_that_readers_found_nothing(bob: User) -> None:
    with time_machine.travel("2026-11-22 09:00:00+00:00", tick=False):
        article = make_article()
        publishing.import_edition(article, until=clock.now() + H)
    another(article, bob, clock.now() + H)
    found = [(row.what, row.begins, row.ends, row.said) for row in told(article, bob).rows if row.what == "gap"]
    assert found == [("gap", "10:00 UTC", "13:00 UTC", "Readers find nothing")]


@time_machine.travel(NOON, tick=False)
def test_spans_of_seconds_are_told_to_the_second(bob: User, live: Article) -> None:
    another(live, bob)
    with time_machine.travel("2026-11-22 12:00:40+00:00", tick=False):
        another(live, bob)
        waiting, _now, short, _first = told(live, bob).rows
        assert (short.begins, short.ends) == ("12:00:20 UTC", "12:01:00 UTC")
        assert waiting.begins == "12:01:00 UTC"


@time_machine.travel(NOON, tick=False)
def test_what_was_planned_in_another_zone_is_told_as_it_was_typed(live: Article, bob: User) -> None:
    typed = publishing.Typed("2026-11-22T15:00", "", "Europe/Berlin")
    another(live, bob, clock.now() + 2 * H, typed=typed)
    assert told(live, bob).rows[0].more == ["Planned as 2026-11-22 15:00 in Europe/Berlin."]


@time_machine.travel(NOON, tick=False)
def test_the_drawing_is_mirrored_where_lines_run_from_right_to_left(live: Article, bob: User) -> None:
    another(live, bob, clock.now() + 2 * H)
    left = told(live, bob).picture
    with translation.override("ar"):
        right = told(live, bob).picture
    assert left is not None
    assert right is not None
    for one, other in zip(left["bars"], right["bars"], strict=True):
        assert one.x + one.width + other.x == pytest.approx(100, abs=0.05)


# On the form -------------------------------------------------------------------------------


@time_machine.travel(NOON, tick=False)
def test_the_form_shows_drawing_and_list_and_holds_no_inline_style(live: Article, bob: User) -> None:
    another(live, bob, clock.now() + 2 * H)
    page = client_of(bob).get(change(live)).content.decode()
    panel = page[page.index('<aside class="panel"') :]
    assert 'role="img"' in panel
    assert "Now: 12:00 UTC" in panel
    assert "Times in UTC." in panel
    assert not re.search(r'\sstyle="|<script(?![^>]*src)|\son[a-z]+="', panel)
    hold = reverse("admin:articles_article_verb", args=[live.pk, "hold"])
    assert f"{hold}?edition={live.editions.latest('pk').pk}" in panel


@time_machine.travel(NOON, tick=False)
def test_a_page_that_asks_about_an_edition_has_it_chosen_already(live: Article, bob: User) -> None:
    for hours in (2, 4, 6):
        another(live, bob, clock.now() + hours * H)
    middle = live.editions.order_by("starts_at")[2]
    address = reverse("admin:articles_article_verb", args=[live.pk, "hold"])
    page = client_of(bob).get(f"{address}?edition={middle.pk}").content.decode()
    assert re.search(rf'<option value="{middle.pk}" selected', page)


def test_a_long_history_costs_the_queries_of_a_short_one(bob: User, live: Article) -> None:
    costs: list[int] = []
    for number in (2, 12):
        for position in range(number):
            edition = another(live, bob, clock.now() + timedelta(days=len(costs) * 100 + position + 1))
            if position % 2:
                publishing.cancel(edition)
        Article.objects.filter(pk=live.pk).update(status=Status.DRAFT)
        client = client_of(bob)
        with CaptureQueriesContext(connection) as queries:
            client.get(change(live))
        costs.append(len(queries))
    assert costs[0] == costs[1]
