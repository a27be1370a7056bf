"""What no browser sends by itself: a damaged form of an issue ends with a sentence, and nothing typed is lost."""

from typing import Any

import pytest

from articles.factories import make_article, make_live
from newsroom.models import User
from newsroom.testing import client_of
from subscribers.factories import make_issue, make_newsletter
from subscribers.issues import workflow
from subscribers.models import Issue
from subscribers.tests.test_admin_issues import ADD, form_of, fresh, page_of, stored

pytestmark = pytest.mark.django_db

TWICE = "stands in this issue already. Remove one of the two."


def refused(nora: User, issue: Issue, form: dict[str, Any]) -> str:
    """The page that says why nothing was saved, with all that was typed."""
    before = stored(issue)
    response = client_of(nora).post(page_of(issue), {**form, "intro": "Typed before"})
    assert response.status_code == 200
    page = response.content.decode()
    assert "Typed before" in page and fresh(issue).intro == "" and stored(issue) == before
    return page


def saved(nora: User, issue: Issue, form: dict[str, Any]) -> list[int]:
    """The articles of the issue after the form was sent, in their order."""
    assert client_of(nora).post(page_of(issue), form).status_code == 302
    return [item.article_id for item in issue.items.all()]


def test_the_same_article_twice_is_one_sentence_that_names_it(nora: User) -> None:
    issue, article = make_issue(), make_live(headline="Ferry stops").article_id
    rows = [{"article": article, "headline": "One way"}, {"article": article, "text": "Another way"}]
    page = refused(nora, issue, form_of(issue, *rows))
    assert page.count(TWICE) == 1 and f"“Ferry stops” {TWICE}" in page
    assert "One way" in page and "Another way" in page


def test_a_form_that_comes_twice_or_left_stored_rows_out_adds_nothing_twice(nora: User) -> None:
    issue, article = make_issue(), make_live(headline="Ferry stops").article_id
    form = form_of(issue, {"article": article}, seen="")
    assert saved(nora, issue, form) == [article]
    assert f"“Ferry stops” {TWICE}" in refused(nora, issue, form)


def test_stored_rows_keep_their_articles_whatever_is_sent(nora: User) -> None:
    one, two = make_live().article_id, make_live().article_id
    issue = make_issue()
    for article in (one, two):
        issue.items.create(article_id=article, position=issue.items.count())
    swapped = stored(issue)
    swapped[0]["article"], swapped[1]["article"] = two, one
    assert saved(nora, issue, form_of(issue, *swapped)) == [one, two]
    taken = stored(fresh(issue))
    taken[0] |= {"article": two}
    taken[1] |= {"DELETE": "on"}
    assert saved(nora, issue, form_of(fresh(issue), *taken)) == [one]


def test_an_article_is_removed_and_added_anew_in_one_go(nora: User) -> None:
    issue = make_issue(make_live())
    [row] = stored(issue)
    form = form_of(issue, row | {"DELETE": "on"}, {"article": row["article"], "headline": "New words"})
    assert saved(nora, issue, form) == [row["article"]]
    assert issue.items.get().headline == "New words"


@pytest.mark.parametrize("place", ["", "-1", "40000", "9" * 30])
def test_a_place_that_is_none_is_the_last_one(nora: User, place: str) -> None:
    first, last, issue = make_live().article_id, make_live().article_id, make_issue()
    rows = [{"article": last, "position": place}, {"article": first, "position": 0}]
    expected = [last, first] if place == "-1" else [first, last]
    assert saved(nora, issue, form_of(issue, *rows)) == expected
    assert [item.position for item in issue.items.all()] == [0, 1]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"article": ""}, "This row names no article. Remove it."),
        ({"article": "9" * 30}, "There is no such article. Remove this row."),
        ({"article": "draft"}, "Readers cannot see this article now. Choose another one."),
        ({"issue": "0"}, "This row is none of this issue any more. Load the page again."),
    ],
)
def test_a_row_that_cannot_be_is_refused_where_it_stands(nora: User, row: dict[str, Any], sentence: str) -> None:
    issue = make_issue()
    row = {"article": make_live().article_id, "headline": "Typed too"} | row
    if row["article"] == "draft":
        row["article"] = make_article(headline="Secret plans").pk
    page = refused(nora, issue, form_of(issue, row))
    assert sentence in page and "Typed too" in page and "Secret plans" not in page


@pytest.mark.parametrize("key", ["999999", "9" * 30])
def test_a_row_that_is_no_more_is_said_to_be_none(nora: User, key: str) -> None:
    issue = make_issue(make_live())
    [row] = stored(issue)
    page = refused(nora, issue, form_of(issue, row | {"id": key, "headline": "Typed too"}))
    assert "This row is none of this issue any more. Load the page again." in page and "Typed too" in page


@pytest.mark.once
@pytest.mark.parametrize("total", [None, "x"])
def test_a_list_that_did_not_arrive_whole_is_refused(nora: User, total: str | None) -> None:
    issue = make_issue()
    form = form_of(issue) | {"items-TOTAL_FORMS": total}
    page = refused(nora, issue, {name: value for name, value in form.items() if value is not None})
    assert "The list of articles did not arrive whole, and nothing was saved." in page
    assert "Hidden field" not in page


@pytest.mark.once
@pytest.mark.parametrize("total", ["9" * 25])
def test_more_rows_than_an_issue_holds_are_refused_and_not_read(nora: User, total: str) -> None:
    issue = make_issue()
    page = refused(nora, issue, form_of(issue) | {"items-TOTAL_FORMS": total})
    assert "An issue holds at most 300 articles. Remove some." in page
    assert page.count("names no article") <= 301


def test_ten_thousand_rows_are_refused_before_they_are_read(nora: User) -> None:
    issue = make_issue()
    rows = [{"article": number, "position": number} for number in range(10_000)]
    assert client_of(nora).post(page_of(issue), form_of(issue, *rows)).status_code == 400
    assert not issue.items.exists()


@pytest.mark.parametrize("subject", ["\u200b", "\u202e\u200f \u2028 "])
def test_a_subject_of_which_nothing_can_be_seen_is_none(nora: User, subject: str) -> None:
    newsletter = make_newsletter()
    page = client_of(nora).post(ADD, {"newsletter": newsletter.pk, "subject": subject, "key": "a"}).content.decode()
    assert "Write the line that subscribers see first." in page and not Issue.objects.exists()
    issue = make_issue(make_live(), newsletter=newsletter, subject=subject)
    with pytest.raises(workflow.Refused, match="The subject is missing"):
        workflow.change(issue, "ready")


def test_subject_and_headlines_become_one_line_of_text_in_their_own_direction(nora: User) -> None:
    issue = make_issue()
    typed = "a\r\nBcc: x@y.example \u202eb\u2066c\ud800".encode("utf-8", "replace").decode()
    row = {"article": make_live(headline="Ferry stops").article_id}
    saved(nora, issue, form_of(issue, row | {"headline": typed}, subject=typed))
    assert fresh(issue).subject == issue.items.get().headline == "a Bcc: x@y.example bc?"
    saved(nora, issue, form_of(fresh(issue), *[one | {"headline": "\u200b\u202e"} for one in stored(issue)]))
    assert issue.items.get().headline == ""  # the article's own is shown


@pytest.mark.once
@pytest.mark.parametrize("name", ["subject", "key", "items-0-headline", "items-0-article"])
def test_a_null_character_is_refused_anywhere(nora: User, name: str) -> None:
    issue = make_issue()
    form = form_of(issue, {"article": make_live().article_id}) | {name: "a\0b"}
    response = client_of(nora).post(page_of(issue), form)
    assert response.status_code == 200 and "Null characters are not allowed." in response.content.decode()
