"""The body's field, its widget, and the library as the editor asks for it."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client
from PIL import Image as Pillow

from articles.editor import PLUGINS, BodyField, BodyFormField, EditorWidget, allowed_content, barred, config, shown
from articles.factories import make_article, make_image
from articles.models import Article, Image
from newsroom.lib.html import ALLOWED, CLASSES
from newsroom.testing import client_of

pytestmark = pytest.mark.once

LIBRARY = "/admin/articles/image/library/"


def png(colour=(9, 99, 199)):
    file = io.BytesIO()
    Pillow.new("RGB", (40, 30), colour).save(file, "PNG")
    return SimpleUploadedFile("harbour.png", file.getvalue(), "image/png")


# The field --------------------------------------------------------------------------------


def test_migrations_see_a_plain_text_field():
    assert BodyField(blank=True).deconstruct()[1] == "django.db.models.TextField"
    assert issubclass(BodyField, models.TextField)


def test_the_form_field_brings_the_editor_even_where_the_admin_offers_a_textarea():
    from django.contrib.admin.widgets import AdminTextareaWidget

    assert isinstance(BodyField().formfield(widget=AdminTextareaWidget).widget, EditorWidget)


def test_what_is_sent_is_cleaned():
    assert BodyFormField().clean("<p onclick=x()>a</p><script>b</script>") == "<p>a</p>"


def test_white_space_between_blocks_is_no_change():
    field = BodyFormField()
    assert not field.has_changed("<p>a</p><ul><li>b</li></ul>", "<p>a</p>\n\n<ul>\n\t<li>b</li>\n</ul>\n")
    assert field.has_changed("<p>a</p>", "<p>b</p>")


def test_what_a_program_saves_is_cleaned(db):
    article = make_article()
    article.body = "<p>a</p><img src=x onerror=alert(1)>"
    article.save()
    assert article.body == "<p>a</p>" == Article.objects.get(pk=article.pk).body


def test_a_picture_that_the_library_does_not_have_is_refused_with_a_sentence(db):
    with pytest.raises(Exception, match="no longer in the library"):
        BodyFormField().clean('<figure data-image="4711"></figure>')
    image = make_image()
    assert f'data-image="{image.pk}"' in BodyFormField().clean(f'<figure data-image="{image.pk}"></figure>')


# What the editor is given -----------------------------------------------------------------


def test_stored_html_is_cleaned_again_before_the_editor_gets_it(db):
    article = make_article()
    Article.objects.filter(pk=article.pk).update(body="<p>a</p><script>alert(1)</script><img src=x onerror=y>")
    article.refresh_from_db()
    html = EditorWidget().render("body", article.body, {"id": "id_body"})
    assert "alert(1)" not in html and "onerror" not in html and "&lt;p&gt;a&lt;/p&gt;" in html


def test_pictures_are_shown_as_wide_as_the_text_with_the_librarys_words(db, django_assert_num_queries):
    rendition = {"type": "image/webp", "path": "ab/c/v1-320.webp", "width": 320, "height": 200}
    crop = rendition | {"width": 960, "path": "crop", "crop": "16x9"}
    image = make_image(renditions=[rendition | {"width": 1080, "path": "big"}, rendition, crop], caption='A "big" <b>')
    with django_assert_num_queries(1):
        html = shown(f'<figure data-image="{image.pk}"></figure><p>x</p><figure data-image="{image.pk}"></figure>')
    assert html.count('<img src="/images/big"') == 2
    assert 'data-library-caption="A &quot;big&quot; &lt;b&gt;"' in html
    assert BodyFormField().clean(html).count(f'<figure data-image="{image.pk}"><img alt=""><figcaption>') == 2


def test_a_picture_that_was_taken_down_is_not_shown(db):
    from newsroom.lib import clock

    image = make_image(renditions=[{"type": "image/webp", "path": "p", "width": 1, "height": 1}], killed_at=clock.now())
    assert "/images/" not in shown(f'<figure data-image="{image.pk}"></figure>')


def test_the_editor_and_the_sanitiser_allow_the_same():
    rules = allowed_content(shown=False)
    assert set(rules) == set(ALLOWED) - {"*"}
    for name, rule in rules.items():
        assert set(rule["attributes"].split(",")) == ALLOWED[name] | ALLOWED["*"]
        assert set(filter(None, rule["classes"].split(","))) == CLASSES.get(name, set())


def test_the_configuration_is_data_and_names_only_what_is_used():
    assert json.loads(json.dumps(config()))["allowedContent"] == allowed_content()
    assert not {"preview", "iframe", "wysiwygarea", "image", "filebrowser", "scayt"} & set(PLUGINS)


def test_only_pages_with_the_editor_allow_inline_styles(root):
    client = client_of(root)
    article = make_article(by=root)
    for path in (f"/admin/articles/article/{article.pk}/change/", "/admin/articles/article/add/"):
        policy = client.get(path)["Content-Security-Policy"]
        assert "style-src 'self' 'unsafe-inline'" in policy
        assert "script-src 'self';" in policy + ";"
    for path in ("/admin/", "/admin/articles/article/", "/admin/articles/image/"):
        assert "unsafe-inline" not in client.get(path)["Content-Security-Policy"]


def test_what_may_not_be_published_is_said_where_it_is_used(db):
    from newsroom.lib import clock

    states = ({"killed_at": clock.now()}, {"rights_denied": "No contract"}, {"rights_until": clock.now()})
    sentences = [barred(make_image(**state)) for state in states]
    assert all(sentence.endswith(".") for sentence in sentences) and len(set(sentences)) == 3
    assert "No contract" in sentences[1] and barred(make_image()) == ""
    image = make_image(rights_denied="No contract", decorative=True)
    html = shown(f'<figure data-image="{image.pk}"></figure>')
    assert f'data-library-barred="{sentences[1]}"' in html and 'data-library-decorative="true"' in html


# The library ------------------------------------------------------------------------------


def test_the_library_lists_what_may_be_used_newest_first(alice, django_assert_max_num_queries):
    first, second = make_image(alt="Harbour at dawn"), make_image(alt="A bridge", rights_denied="No contract")
    third = make_image(caption="Ferry in the harbour")
    client = client_of(alice)
    with django_assert_max_num_queries(6):
        answer = client.get(LIBRARY).json()
    assert [row["id"] for row in answer["images"]] == [third.pk, first.pk]
    assert second.pk not in [row["id"] for row in answer["images"]]
    assert [row["id"] for row in client.get(LIBRARY, {"q": "HARBOUR dawn"}).json()["images"]] == [first.pk]
    assert client.get(LIBRARY, {"q": "100% _ '"}).json()["images"] == []


def test_the_library_comes_in_pages(alice):
    for _number in range(25):
        make_image()
    client = client_of(alice)
    first = client.get(LIBRARY).json()
    assert (len(first["images"]), first["next"]) == (24, 2)
    last = client.get(LIBRARY, {"page": 2}).json()
    assert (len(last["images"]), last["next"]) == (1, None)
    for odd in ("0", "-1", "x", "9999999", "٢"):
        assert client.get(LIBRARY, {"page": odd}).status_code == 200


def test_pictures_can_be_asked_for_by_key(alice):
    image = make_image(alt="Own")
    rows = client_of(alice).get(LIBRARY, {"id": [str(image.pk), "x", "999999999999"]}).json()["images"]
    assert [(row["id"], row["alt"]) for row in rows] == [(image.pk, "Own")]


def test_an_upload_goes_into_the_library_once(alice):
    client = client_of(alice)
    first = client.post(LIBRARY, {"file": png()})
    again = client.post(LIBRARY, {"file": png()})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["image"]["id"] == again.json()["image"]["id"] and again.json()["known"]
    image = Image.objects.get()
    assert image.uploaded_by == alice and first.json()["image"]["src"].startswith("/images/")


def test_what_is_no_picture_is_refused_with_one_sentence(alice):
    client = client_of(alice)
    answer = client.post(LIBRARY, {"file": SimpleUploadedFile("x.png", b"<svg onload=alert(1)>", "image/png")})
    assert answer.status_code == 422 and answer.json()["error"].endswith(".")
    assert client.post(LIBRARY).status_code == 400
    assert Image.objects.count() == 0


def test_outsiders_are_refused(mallory, client):
    assert client_of(mallory).get(LIBRARY).status_code == 403
    assert client_of(mallory).post(LIBRARY, {"file": png()}).status_code == 403
    assert client.get(LIBRARY).status_code == 302
    assert Image.objects.count() == 0


def test_an_upload_needs_the_csrf_token(alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(LIBRARY, {"file": png()}).status_code == 403
    assert Image.objects.count() == 0


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_the_library_answers_to_reading_and_uploading_alone(alice, method):
    assert getattr(client_of(alice), method)(LIBRARY).status_code == 405
