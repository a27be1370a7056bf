"""From a revision to what readers get."""

import pytest
from django.core.management import call_command

from articles import compiling
from articles.compiling import compile_body
from articles.factories import make_article, make_author, make_image, make_live, make_tag
from articles.figures import Figure, figures, markup, segments
from articles.models import Edition, EditionBody
from newsroom.lib.html import clean

FIGURE = Figure(7, alt='A "quoted" <tag>', caption="By <em>night</em>", credit="Ada & Co", layout="wide")


def test_a_figure_survives_its_own_markup_and_the_allow_list():
    assert figures(clean(markup(FIGURE))) == [FIGURE]


def test_text_and_figures_are_parted_in_order():
    html = clean(f"<p>Before</p>{markup(FIGURE)}<p>After</p>{markup(Figure(8))}")
    assert segments(html) == ["<p>Before</p>", FIGURE, "<p>After</p>", Figure(8)]


def test_a_figure_without_an_image_of_the_library_stays_text():
    assert figures(clean("<figure><table><tr><td>1</td></tr></table></figure>")) == []


def test_figures_become_numbered_slots_and_their_captions_are_found_by_search():
    compiled = compile_body(f"<p>Before.</p>{markup(FIGURE)}<p>After.</p>")
    assert compiled.html == '<p>Before.</p><figure data-slot="0"></figure><p>After.</p>'
    assert "By night" in compiled.text


def test_an_editor_cannot_forge_a_slot():
    assert "data-slot" not in compile_body('<figure data-slot="0"></figure>').html


def test_headings_get_anchors_that_no_editor_can_choose():
    compiled = compile_body('<h2 id="evil">One &amp; <em>two</em></h2><p>x</p><h3>Three</h3>')
    assert compiled.headings == [
        {"level": 2, "text": "One & two", "id": "part-1"},
        {"level": 3, "text": "Three", "id": "part-2"},
    ]
    assert '<h2 id="part-1">One &amp; <em>two</em></h2>' in compiled.html


def test_words_are_counted_in_the_text_not_in_the_markup():
    assert compile_body('<p>One <strong>two</strong></p><p><a href="https://x.example/a">three</a></p>').words == 3


@pytest.mark.django_db
def test_an_edition_keeps_the_words_its_pictures_had_when_it_was_made():
    image = make_image(caption="As approved", credit="Ada", alt="A bridge")
    edition = make_live(lead=image, body=f"<p>x</p>{markup(Figure(image.pk, caption='<em>Own</em> words'))}")
    image.caption = "Changed in the library"
    image.save()
    lead, text = edition.image_uses.order_by("place")
    assert (lead.place, lead.caption, lead.alt, lead.credit) == ("lead", "As approved", "A bridge", "Ada")
    assert (text.place, text.position, text.caption) == ("text", 0, "<em>Own</em> words")


@pytest.mark.django_db
def test_words_typed_as_plain_text_are_escaped():
    edition = make_live(lead=make_image(caption="1 < 2 & <script>alert(1)</script>"))
    assert edition.image_uses.get().caption == "1 &lt; 2 &amp; &lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.mark.django_db
def test_recompiling_brings_old_editions_up_and_leaves_new_ones_alone(monkeypatch, capsys):
    edition = make_live(
        authors=[make_author("A"), make_author("B")], tags=[make_tag("T")], lead=make_image(), body="<p>Text.</p>"
    )
    EditionBody.objects.update(html="made by an older compiler")
    call_command("recompile")
    assert EditionBody.objects.get().html == "made by an older compiler"
    monkeypatch.setattr(compiling, "COMPILER", compiling.COMPILER + 1)
    call_command("recompile")
    assert EditionBody.objects.get().html == "<p>Text.</p>"
    assert [b.author.name for b in edition.bylines.all()] == ["A", "B"]
    assert (edition.tags.count(), edition.image_uses.count()) == (1, 1)
    assert Edition.objects.get().compiler == compiling.COMPILER
    assert "1 edition" in capsys.readouterr().out


@pytest.mark.django_db
def test_the_snapshot_does_not_depend_on_the_order_in_which_topics_were_added():
    first = make_article(tags=[make_tag("A"), make_tag("B")])
    content = first.revision.content
    assert content["tags"] == sorted(content["tags"])
