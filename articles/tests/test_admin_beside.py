"""Lead image and gallery in the article's form, as the server writes them: usable without scripts, too."""

import html
import json
import re

import pytest

from articles import workflow
from articles.factories import make_article, make_image
from articles.models import ArticleImage, Place
from articles.tests.test_admin_articles import change, form_of
from newsroom.testing import client_of


@pytest.fixture
def article(alice):
    lead = make_image(file_name="lead.jpg", alt="Lead's alt", caption='A "caption" <b>', credit="Ada")
    article = make_article(by=alice, lead=lead, body=f'<figure data-image="{make_image().pk}"></figure>')
    for position, name in ((5, "last.jpg"), (2, "first.jpg")):
        image = make_image(file_name=name)
        ArticleImage.objects.create(article=article, image=image, place=Place.GALLERY, position=position)
    return article


def page_of(user, article):
    return client_of(user).get(change(article)).content.decode()


def test_rows_stand_in_the_order_in_which_readers_meet_them(alice, article):
    page = page_of(alice, article)
    names = re.findall(r'<p class="beside-name" dir="auto">([^<]+)</p>', page)
    assert names == ["lead.jpg", "first.jpg", "last.jpg"]


def test_each_row_holds_what_the_library_says_so_that_it_is_shown_as_the_default(alice, article):
    written = re.findall(r'data-known="([^"]*)"', page_of(alice, article))
    known = json.loads(html.unescape(written[0]))
    assert (known["alt"], known["caption"], known["credit"]) == ("Lead's alt", 'A "caption" <b>', "Ada")
    assert len(written) == 3


def test_a_picture_in_the_text_is_no_row_and_no_place_to_choose(alice, article):
    page = page_of(alice, article)
    places = re.findall(r'<select name="image_uses-\d+-place".*?</select>', page, re.DOTALL)
    assert len(places) == 3 and not any('value="text"' in place for place in places)
    refused = client_of(alice).post(change(article), form_of(article) | {"image_uses-0-place": "text"})
    assert "Select a valid choice" in refused.content.decode()


def number_of(typed, name):
    """The number of the row with this picture in what is sent."""
    key = ArticleImage.objects.get(image__file_name=name).image_id
    return next(number for number in range(3) if typed[f"image_uses-{number}-image"] == key)


def test_order_and_removal_work_by_plain_fields(alice, article):
    gallery = article.image_uses.filter(place=Place.GALLERY).order_by("position")
    typed = form_of(article)
    client_of(alice).post(change(article), typed | {f"image_uses-{number_of(typed, 'first.jpg')}-position": 9})
    assert [use.image.file_name for use in gallery] == ["last.jpg", "first.jpg"]
    article.refresh_from_db()
    typed = form_of(article)
    client_of(alice).post(change(article), typed | {f"image_uses-{number_of(typed, 'last.jpg')}-DELETE": "on"})
    assert [use.image.file_name for use in gallery.all()] == ["first.jpg"]


def test_a_row_that_was_added_and_removed_again_is_no_part_of_the_article(alice, article):
    row = {"image": make_image().pk, "place": "gallery", "position": 9, "DELETE": "on"}
    typed = form_of(article) | {f"image_uses-3-{name}": value for name, value in row.items()}
    answer = client_of(alice).post(change(article), typed | {"image_uses-TOTAL_FORMS": 4})
    assert answer.status_code == 302
    assert article.image_uses.exclude(place=Place.TEXT).count() == 3


def test_who_may_not_write_the_article_sees_its_pictures_with_their_words_and_no_fields(alice, article, monkeypatch):
    monkeypatch.setattr(workflow, "contributes", lambda user, article: False)
    page = page_of(alice, article)
    assert page.count('class="beside-row"') == 3
    assert "Lead&#x27;s alt" in page and "image_uses-0-caption" not in page


def test_buttons_that_add_rows_say_what_they_add(alice, article):
    page = html.unescape(page_of(alice, article))
    assert '"addText": "Add an author"' in page and '"addText": "Add a picture by its name"' in page


def test_the_form_begins_with_the_headline(alice, article):
    page = page_of(alice, article)
    assert page.index('name="headline"') < page.index('name="kicker"') < page.index('name="standfirst"')
