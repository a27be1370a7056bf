"""What makes a comment suspicious is named, weighed, and decides nothing by itself."""

import pytest

from articles.factories import make_author
from comments.spam import scoring
from newsroom.models import User

pytestmark = pytest.mark.django_db


def signs(name: str, body: str) -> list[scoring.Signal]:
    """All signs but that of the words, of which test_bayes.py tells."""
    return [sign for sign in scoring.signals(name, body) if sign["name"] != scoring.WORDS]


@pytest.mark.parametrize(
    "name",
    ["Ada Writer", "ada  writer", "Adа Wrіter", "A.d.a Writer", "ÁDA WRITER", "Ada\u200dWriter", "Ａｄａ Writer"],
)
def test_a_name_that_looks_like_an_authors_is_flagged(name: str) -> None:
    make_author("Ada Writer")
    assert signs(name, "hello") == [{"name": "staff_name", "weight": 40, "detail": "Ada Writer"}]


def test_a_name_of_somebody_with_a_login_is_flagged(erik: User) -> None:
    User.objects.filter(pk=erik.pk).update(last_name="Example")
    assert [sign["detail"] for sign in signs("erik example", "hello")] == ["Erik Example"]


@pytest.mark.parametrize("name", ["Ada", "Ada Writer-Jones", "Reader", "👍"])
def test_other_names_are_not(name: str) -> None:
    make_author("Ada Writer")
    make_author("!!!")
    assert signs(name, "hello") == []


def test_links_weigh_from_the_third_on() -> None:
    assert signs("Reader", "https://a.example https://b.example") == []
    found = signs("Reader", " ".join(["https://a.example"] * 5))
    assert found == [{"name": "links", "weight": 30, "detail": "5"}]


def test_words_weigh_for_and_against_and_those_that_weighed_most_are_shown() -> None:
    against, praise = (
        next(sign for sign in scoring.signals("Reader", body) if sign["name"] == scoring.WORDS)
        for body in (
            "Please subscribe to my channel https://x.example",
            "Why has nobody asked the neighbours?",
        )
    )
    assert against["weight"] > 0 > praise["weight"]
    assert "“subscribe”" in scoring.explained(against)
    assert "ends in a link" in scoring.explained(against)
    assert scoring.label(against) == "Words and shape, as learnt from decisions"


def test_what_other_signs_found_is_shown_as_it_is() -> None:
    assert scoring.explained({"name": "links", "weight": 10, "detail": "3"}) == "3"
    assert scoring.label({"name": "of old", "weight": 10, "detail": ""}) == "of old"
