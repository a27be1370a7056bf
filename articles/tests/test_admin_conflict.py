"""Two people save one article at once: both texts are put together, and what clashes is asked."""

import re
from typing import Any

import pytest

from articles import revisions
from articles.factories import edit, make_article, make_author, make_image, make_section, make_tag
from articles.models import Article, ArticleImage, Byline, Place
from articles.tests.test_admin_articles import change, form_of
from newsroom.models import User
from newsroom.testing import client_of
from newsroom.tests.faults.forms import Form
from newsroom.tests.faults.forms import form_of as read_form

pytestmark = pytest.mark.django_db

BASE = "<p>It rained all night.</p><p>The river rose.</p><p>The bridge was closed.</p>"
MINE = "<p>It rained all night long.</p><p>The river rose.</p><p>The bridge was closed.</p>"
THEIRS = "<p>It rained all night.</p><p>The river rose.</p><p>The bridge was closed at noon.</p>"
BOTH = "<p>It rained all night long.</p><p>The river rose.</p><p>The bridge was closed at noon.</p>"


def send(user: User, article: Article, typed: Any) -> Any:
    return client_of(user).post(change(article), typed)


def shown(response: Any) -> Form:
    """The form as a browser reads it from the page."""
    assert response.status_code == 200, response.headers.get("Location")
    return read_form(response.content.decode(), "based_on")


def again(form: Form, **typed: str) -> dict[str, Any]:
    """What the browser sends of a form that it was shown, with `typed` in some of its fields."""
    data: dict[str, Any] = {}
    for name, value in form:
        data.setdefault(name, []).append(value)
    return data | typed


def asked(response: Any) -> dict[str, list[str]]:
    """The radio buttons of the page: {name: values}."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(
        r'<input type="radio" name="(choice-[^"]*)" value="([^"]*)"', response.content.decode()
    ):
        found.setdefault(name, []).append(value)
    return found


def stored(article: Article) -> Article:
    return Article.objects.get(pk=article.pk)


def content(article: Article) -> dict[str, Any]:
    revision = stored(article).revision
    assert revision is not None
    return revision.content


def test_changes_of_different_paragraphs_are_put_together_in_the_form_and_saved_by_the_next_press(
    alice: User, bob: User
) -> None:
    article = make_article(by=alice, body=BASE)
    typed = form_of(article, body=MINE)
    edit(article, by=bob, body=THEIRS, kicker="Floods")
    response = send(alice, article, typed)
    assert content(article)["body"] == THEIRS
    form = shown(response)
    assert (form.first("body"), form.first("kicker")) == (BOTH, "Floods")
    assert form.first("based_on") == str(stored(article).revision_id)
    assert asked(response) == {}
    page = response.content.decode()
    assert "Both texts are put together in the form below, and nothing is saved yet." in page
    assert "What came into your text" in page
    assert send(alice, article, again(form)).status_code == 302
    assert (content(article)["body"], content(article)["kicker"]) == (BOTH, "Floods")


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("mine", "<p>Closed at noon.</p>"),
        ("theirs", "<p>Closed at one.</p>"),
        ("both", "<p>Closed at noon.</p><p>Closed at one.</p>"),
    ],
)
def test_what_both_changed_is_asked_and_the_answer_is_put_into_the_form(
    alice: User, bob: User, choice: str, expected: str
) -> None:
    article = make_article(by=alice, body="<p>Closed.</p><p>End.</p>")
    typed = form_of(article, body="<p>Closed at noon.</p><p>End.</p>")
    edit(article, by=bob, body="<p>Closed at one.</p><p>End.</p>", kicker="Floods")
    response = send(alice, article, typed)
    form = shown(response)
    # Until all is decided it is what was typed, on what it was typed.
    assert (form.first("body"), form.first("kicker")) == (typed["body"], "")
    assert form.first("based_on") == str(typed["based_on"])
    [(name, values)] = asked(response).items()
    assert values == ["mine", "theirs", "both"]
    assert "at noon</ins>.</p>" in response.content.decode()
    response = send(alice, article, again(form, **{name: choice}))
    form = shown(response)
    assert (form.first("body"), form.first("kicker")) == (f"{expected}<p>End.</p>", "Floods")
    assert article.revisions.count() == 2
    assert send(alice, article, again(form)).status_code == 302
    assert content(article)["body"] == f"{expected}<p>End.</p>"


def test_without_an_answer_the_page_comes_again_and_says_where_one_is_missing(alice: User, bob: User) -> None:
    article = make_article(by=alice, headline="First", kicker="a")
    typed = form_of(article, headline="Mine", kicker="b")
    edit(article, by=bob, headline="Theirs", kicker="c")
    response = send(alice, article, typed)
    kicker, headline = asked(response)
    assert "Choose one of these." not in response.content.decode()
    response = send(alice, article, again(shown(response), **{kicker: "theirs", headline: "ours"}))
    page = response.content.decode()
    assert page.count("Choose one of these.") == 1
    assert "Some choices are still open." in page
    assert re.search(rf'name="{kicker}" value="theirs"[^>]* checked', page)
    form = shown(send(alice, article, again(shown(response), **{headline: "mine"})))
    assert (form.first("kicker"), form.first("headline")) == ("c", "Mine")


def test_a_third_person_who_saves_meanwhile_is_merged_too_and_answers_given_stay(
    alice: User, bob: User, charlie: User
) -> None:
    article = make_article(by=alice, headline="First", body=BASE)
    typed = form_of(article, headline="Mine", body=MINE)
    edit(article, by=bob, headline="Theirs")
    [name] = asked(response := send(alice, article, typed))
    edit(stored(article), by=charlie, body=THEIRS)
    response = send(alice, article, again(shown(response), **{name: "mine"}))
    form = shown(response)
    assert asked(response) == {}
    assert (form.first("headline"), form.first("body")) == ("Mine", BOTH)
    edit(stored(article), by=bob, kicker="Late")
    form = shown(send(alice, article, again(form)))
    assert (form.first("headline"), form.first("kicker")) == ("Mine", "Late")
    assert send(alice, article, again(form)).status_code == 302
    assert (content(article)["headline"], content(article)["kicker"]) == ("Mine", "Late")


def test_the_same_page_comes_when_the_same_is_sent_again(alice: User, bob: User) -> None:
    article = make_article(by=alice, headline="First", body=BASE)
    typed = form_of(article, headline="Mine", body=MINE)
    edit(article, by=bob, headline="Theirs", body=THEIRS)
    [name] = asked(send(alice, article, typed))
    for _turn in range(2):
        response = send(alice, article, typed | {name: "theirs"})
        assert (shown(response).first("headline"), shown(response).first("body")) == ("Theirs", BOTH)
    assert article.revisions.count() == 2


def test_what_was_saved_already_and_is_sent_again_asks_nothing(alice: User) -> None:
    article = make_article(by=alice, body=BASE)
    typed = form_of(article, body=MINE)
    assert send(alice, article, typed).status_code == 302
    response = send(alice, article, typed)
    assert asked(response) == {}
    assert shown(response).first("body") == MINE
    assert "What you typed holds all of it" in response.content.decode()


def test_nothing_clashes_where_the_colleague_changed_another_field(alice: User, bob: User) -> None:
    news, topic = make_section("News"), make_tag("Floods")
    article = make_article(by=alice, section=news)
    typed = form_of(article, headline="Mine", tags=[topic.pk])
    other = make_section("Weather")
    article.tags.set([make_tag("Rain")])
    edit(article, by=bob, section=other, language="de")
    form = shown(send(alice, article, typed))
    assert (form.first("section"), form.first("language"), form.first("headline")) == (str(other.pk), "de", "Mine")
    assert send(alice, article, again(form)).status_code == 302
    assert sorted(tag.name for tag in stored(article).tags.all()) == ["Floods", "Rain"]


def test_what_is_typed_wrong_stays_with_its_error(alice: User, bob: User) -> None:
    article = make_article(by=alice, headline="First")
    typed = form_of(article, headline="x" * 201, section="9999")
    edit(article, by=bob, kicker="Floods", section=make_section("Weather"))
    response = send(alice, article, typed)
    form = shown(response)
    assert (form.first("headline"), form.first("kicker")) == ("x" * 201, "Floods")
    errors = response.context["adminform"].form.errors
    assert {"headline", "section"} <= errors.keys()


# Bylines and pictures -----------------------------------------------------------------------


def with_row(typed: dict[str, Any], prefix: str, **row: Any) -> dict[str, Any]:
    number = typed[f"{prefix}-TOTAL_FORMS"]
    return typed | {f"{prefix}-TOTAL_FORMS": number + 1} | {f"{prefix}-{number}-{name}": row[name] for name in row}


def authors(article: Article) -> list[str]:
    return [byline.author.name for byline in stored(article).bylines.select_related("author")]


def test_bylines_that_both_put_in_are_both_in_the_form(alice: User, bob: User) -> None:
    article = make_article(by=alice, authors=[make_author("Ada")])
    typed = with_row(form_of(article), "bylines", author=make_author("Ben").pk, position=1)
    Byline.objects.create(article=article, author=make_author("Cleo"), position=1)
    edit(article, by=bob, kicker="Floods")
    form = shown(send(alice, article, typed))
    assert authors(article) == ["Ada", "Cleo"]
    assert send(alice, article, again(form)).status_code == 302
    assert authors(article) == ["Ada", "Ben", "Cleo"]


def test_a_byline_that_the_colleague_took_out_goes_and_mine_stays(alice: User, bob: User) -> None:
    article = make_article(by=alice, authors=[make_author("Ada"), make_author("Ben")])
    typed = with_row(form_of(article), "bylines", author=make_author("Cleo").pk, position=2)
    article.bylines.get(author__name="Ben").delete()
    edit(article, by=bob, kicker="Floods")
    form = shown(send(alice, article, typed))
    assert send(alice, article, again(form)).status_code == 302
    assert authors(article) == ["Ada", "Cleo"]


def test_bylines_that_clash_are_asked_by_name_and_mine_stay_in_the_form_meanwhile(alice: User, bob: User) -> None:
    article = make_article(by=alice, authors=[make_author("Ada")])
    typed = with_row(form_of(article), "bylines", author=make_author("Ben").pk, position=0) | {"bylines-0-DELETE": "on"}
    article.bylines.all().delete()
    Byline.objects.create(article=article, author=make_author("Cleo"))
    edit(article, by=bob, kicker="Floods")
    response = send(alice, article, typed)
    [name] = asked(response)
    page = response.content.decode()
    assert all(author in page for author in ("Ada", "Ben", "Cleo"))
    form = shown(response)
    assert str(make_author("Ben").pk) in [value for field, value in form if field.endswith("-author")]
    form = shown(send(alice, article, again(form, **{name: "mine"})))
    assert send(alice, article, again(form)).status_code == 302
    assert authors(article) == ["Ben"]


def pictures(article: Article) -> list[tuple[str, int, str]]:
    return list(stored(article).image_uses.exclude(place=Place.TEXT).values_list("place", "image", "caption"))


def test_pictures_that_both_put_in_are_both_in_the_form_with_their_words(alice: User, bob: User) -> None:
    lead, mine, theirs = make_image(), make_image(), make_image()
    article = make_article(by=alice, lead=lead)
    typed = with_row(form_of(article), "image_uses", image=mine.pk, place="gallery", position=0, caption="Mine & own")
    ArticleImage.objects.filter(article=article).update(caption="Their lead")
    ArticleImage.objects.create(article=article, image=theirs, place=Place.GALLERY, position=0)
    edit(article, by=bob, kicker="Floods")
    response = send(alice, article, typed)
    name = next(iter(asked(response)), None)
    form = shown(response)
    if name:
        form = shown(send(alice, article, again(form, **{name: "both"})))
    assert send(alice, article, again(form)).status_code == 302
    assert sorted(pictures(article)) == sorted(
        [("gallery", mine.pk, "Mine & own"), ("gallery", theirs.pk, ""), ("lead", lead.pk, "Their lead")]
    )


def test_of_two_lead_images_one_is_chosen_and_the_other_one_can_stay_in_the_gallery(alice: User, bob: User) -> None:
    first, mine, theirs = make_image(), make_image(), make_image()
    article = make_article(by=alice, lead=first)
    typed = form_of(article) | {"image_uses-0-image": mine.pk}
    ArticleImage.objects.filter(article=article).update(image=theirs)
    edit(article, by=bob, kicker="Floods")
    response = send(alice, article, typed)
    [(name, values)] = asked(response).items()
    assert values == ["mine", "theirs", "both"]
    form = shown(send(alice, article, again(shown(response), **{name: "both"})))
    assert send(alice, article, again(form)).status_code == 302
    assert sorted(pictures(article)) == [("gallery", theirs.pk, ""), ("lead", mine.pk, "")]


def test_a_row_that_is_not_finished_is_still_there(alice: User, bob: User) -> None:
    article = make_article(by=alice)
    row = {"image": "", "place": "gallery", "position": 0, "caption": "Typed before the picture"}
    typed = with_row(form_of(article), "image_uses", **row)
    edit(article, by=bob, kicker="Floods")
    form = shown(send(alice, article, typed))
    assert "Typed before the picture" in [value for name, value in form if name.endswith("-caption")]


# Safety --------------------------------------------------------------------------------------


def test_what_a_colleague_wrote_is_shown_as_text_and_never_as_code(alice: User, bob: User) -> None:
    article = make_article(by=alice, headline="First")
    typed = form_of(article, headline="Mine <script>alert(1)</script>")
    edit(article, by=bob, headline="Theirs <script>alert(2)</script>")
    page = send(alice, article, typed).content.decode()
    assert "<script>alert" not in page
    assert "alert" in page


@pytest.mark.parametrize("forged", ["", "x", "-1", "999999999", "0"])
def test_a_forged_beginning_overwrites_nothing(alice: User, bob: User, forged: str) -> None:
    article = make_article(by=alice, body=BASE)
    edit(article, by=bob, body=THEIRS)
    response = send(alice, article, form_of(article, body="<p>Other.</p>", based_on=forged))
    assert content(article)["body"] == THEIRS
    assert "<p>Other.</p>" in shown(response).first("body")


def test_the_revision_of_another_article_is_no_beginning(alice: User, bob: User) -> None:
    article, other = make_article(by=alice, body=BASE), make_article(by=alice, body=BASE)
    edit(article, by=bob, body=THEIRS)
    send(alice, article, form_of(article, body="<p>Other.</p>", based_on=other.revision_id))
    assert content(article)["body"] == THEIRS


def test_who_may_not_write_the_article_is_refused_before_anything_is_compared(alice: User, mallory: User) -> None:
    article = make_article(by=alice)
    assert send(mallory, article, form_of(article, headline="Mine", based_on="1")).status_code in (302, 403)
    assert stored(article).headline != "Mine"


def test_a_reason_is_kept_with_the_revision_and_through_a_conflict(alice: User, bob: User) -> None:
    article = make_article(by=alice, body=BASE)
    typed = form_of(article, body=MINE, reason="The agency said so")
    edit(article, by=bob, body=THEIRS)
    form = shown(send(alice, article, typed))
    assert send(alice, article, again(form)).status_code == 302
    revision = stored(article).revision
    assert revision is not None
    assert (revision.reason, revision.number) == ("The agency said so", 3)


def test_a_colleague_who_saves_between_the_look_and_the_save_costs_a_second_look_and_no_error(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = make_article(by=alice, body=BASE)
    typed = form_of(article, body=MINE)
    save = revisions.save

    def slow(changed: Article, **about: Any) -> Any:
        monkeypatch.setattr(revisions, "save", save)
        raise revisions.Stale(changed)

    monkeypatch.setattr(revisions, "save", slow)
    assert send(alice, article, typed).status_code == 302
    assert content(article)["body"] == MINE
