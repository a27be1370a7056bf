"""When `manage.py demo` builds and when it refuses; its texts and its drawings."""

import io
import re

import pytest
from django.contrib.flatpages.models import FlatPage
from django.core.management import call_command
from PIL import Image as Pillow

from articles.factories import make_article
from articles.figures import figures
from articles.models import Edition, Image
from newsroom.demo import accounts, building, drawing, texts
from newsroom.lib.html import clean
from newsroom.testing import make_user
from newsroom.tests import demo_site
from subscribers.models import Newsletter

pytestmark = pytest.mark.once


@pytest.fixture
def easel(tmp_path, db):
    with demo_site.easel(tmp_path):
        yield tmp_path


def test_passwords_differ_from_site_to_site():
    words = {accounts._password() for _ in range(50)}
    assert len(words) == 50
    assert all(re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){2}", word) for word in words)


@pytest.mark.parametrize("holding", ["an account", "an article"])
def test_a_site_of_somebody_else_is_left_alone(easel, capsys, holding):
    if holding == "an account":
        make_user("somebody")
    else:
        make_article()
    with pytest.raises(SystemExit) as status:
        call_command("demo")
    assert status.value.code == 2
    assert "no demo was made" in capsys.readouterr().err
    assert not Image.objects.exists()
    assert not (easel / "demo-accounts.txt").exists()


def test_when_something_goes_wrong_nothing_of_the_demo_stays(easel, monkeypatch):
    monkeypatch.setattr(building.Builder, "readers", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        call_command("demo")
    assert building.is_empty()
    assert not (easel / "demo-accounts.txt").exists()


@pytest.mark.parametrize("language", ["de", "ar"])
def test_texts_keep_their_own_language_whatever_the_sites_is(easel, settings, language):
    settings.LANGUAGE_CODE = language
    call_command("demo")
    ferry = Edition.objects.live().filter(article__import_id__in=["night-ferry", "faehre", "abbara"])
    assert {edition.language for edition in ferry} == {"en", "de", "ar"}
    assert ferry.get(language="en").path.startswith("/en/20")
    assert set(Newsletter.objects.values_list("language", flat=True)) == {"en", "ar"}
    pages = dict(FlatPage.objects.values_list("url", "content"))
    assert {"/contact/", "/en/contact/"} < pages.keys() and f"/{language}/contact/" not in pages
    assert 'href="/contact/"' in pages["/privacy/"] and 'href="/en/contact/"' in pages["/en/privacy/"]


# Texts and drawings ------------------------------------------------------------------------


@pytest.mark.parametrize("text", texts.articles() + texts.pages(), ids=lambda text: text.name)
def test_texts_pass_the_allow_list_unchanged(text):
    html = text.html(lambda scene, caption, layout: f"[{scene}]")
    assert clean(html) == clean(clean(html))
    assert texts.picture_words().keys() >= {text.head.get("lead", "fog")}
    assert not re.search(r"<(script|img|h1)", html)


def test_a_picture_alone_on_its_line_becomes_a_figure():
    text = texts.Text("x", {}, 'Before.\n\n![Own words](fog "wide")\n\nAfter.\n')
    html = text.html(lambda *what: f'<figure data-image="7">{what}</figure>')
    assert "('fog', 'Own words', 'wide')" in html
    assert [figure.image_id for figure in figures(clean(html))] == [7]


def test_every_scene_has_words_and_every_words_have_a_scene():
    assert texts.picture_words().keys() == drawing.SCENES.keys()


@pytest.mark.parametrize("name", ["turbines", "portrait_maren"])
def test_a_scene_is_drawn_the_same_each_time(name):
    first = drawing.draw(name)
    assert drawing.draw(name) == first
    width, height = Pillow.open(io.BytesIO(first)).size
    assert (width, height) == ((720, 720) if "portrait" in name else (1920, 1200))
