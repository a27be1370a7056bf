"""What makes a comment suspicious is named, weighed, and decides nothing by itself."""

import pytest

from articles.factories import make_author
from comments import scoring
from newsroom.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "name",
    ["Ada Writer", "ada  writer", "Adа Wrіter", "A.d.a Writer", "ÁDA WRITER", "Ada\u200dWriter", "Ａｄａ Writer"],
)
def test_a_name_that_looks_like_an_authors_is_flagged(name: str) -> None:
    make_author("Ada Writer")
    assert scoring.signals(name, "hello") == [{"name": "staff_name", "weight": 40, "detail": "Ada Writer"}]


def test_a_name_of_somebody_with_a_login_is_flagged(erik: User) -> None:
    User.objects.filter(pk=erik.pk).update(last_name="Example")
    assert [sign["detail"] for sign in scoring.signals("erik example", "hello")] == ["Erik Example"]


@pytest.mark.parametrize("name", ["Ada", "Ada Writer-Jones", "Reader", "👍"])
def test_other_names_are_not(name: str) -> None:
    make_author("Ada Writer")
    make_author("!!!")
    assert scoring.signals(name, "hello") == []


def test_links_weigh_from_the_third_on() -> None:
    assert scoring.signals("Reader", "https://a.example https://b.example") == []
    signs = scoring.signals("Reader", " ".join(["https://a.example"] * 5))
    assert signs == [{"name": "links", "weight": 30, "detail": "5"}]
