"""What changed between two contents, in data and in safe HTML."""

import re
import time
from typing import Any

import pytest
from django.utils import translation
from django.utils.safestring import SafeString
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.blocks import words
from articles.diff import FOR_COLLEAGUES, Comparison, Names, compare
from articles.factories import make_author, make_section, make_tag
from articles.figures import Figure, markup
from articles.tests.test_merging import BODY, content, edited, paragraphs, use
from newsroom.lib.html import ALLOWED, to_text

SPOKEN = re.compile(r'<span class="visually-hidden unseen"[^>]*>[^<]*</span>')


def seen(html: str) -> str:
    """The HTML without the words for those who do not see its marks."""
    return SPOKEN.sub("", html)


def differing(before: str, after: str, **fields: Any) -> Comparison:
    return compare(content(before), content(after, **fields), names=Names())


def html_of(comparison: Comparison) -> str:
    return seen("".join(block.html for block in comparison.blocks))


# Words --------------------------------------------------------------------------------------


def test_the_words_that_changed_are_marked_and_counted() -> None:
    found = differing("<p>The bridge was closed.</p>", "<p>The old bridge was closed at noon.</p>")
    assert html_of(found) == (
        '<p>The <ins class="added">old </ins>bridge was closed<ins class="added"> at noon</ins>.</p>'
    )
    assert (found.words_added, found.words_removed) == (3, 0)
    assert found.summary == "3 words added, 0 words removed."


def test_a_word_in_the_place_of_another_comes_after_it() -> None:
    found = differing("<p>It closed at noon today.</p>", "<p>It closed at one today.</p>")
    assert html_of(found) == ('<p>It closed at <del class="removed">noon</del><ins class="added">one</ins> today.</p>')


def test_words_put_in_at_one_place_are_one_mark() -> None:
    found = differing(
        "<p>The old bridge closed at noon.</p>", "<p>The old bridge closed, and opened again at noon.</p>"
    )
    assert html_of(found) == '<p>The old bridge closed<ins class="added">, and opened again</ins> at noon.</p>'
    found = differing(
        "<p>The old bridge closed, and opened again at noon.</p>", "<p>The old bridge closed at noon.</p>"
    )
    assert html_of(found) == '<p>The old bridge closed<del class="removed">, and opened again</del> at noon.</p>'


def test_formatting_is_kept_within_and_around_the_marks() -> None:
    found = differing("<p>A <em>very old</em> bridge</p>", "<p>A <em>very new</em> bridge</p>")
    assert html_of(found) == (
        '<p>A <em>very <del class="removed">old</del><ins class="added">new</ins></em> bridge</p>'
    )


def test_words_equal_by_chance_between_two_rewritten_passages_are_not_picked_out() -> None:
    found = differing(
        "<p>Alpha beta gamma of delta epsilon zeta is eta.</p>", "<p>One two three of four five six is seven.</p>"
    )
    assert html_of(found).count("<del") == 1


def test_a_link_that_leads_elsewhere_is_marked_though_its_words_are_the_same() -> None:
    found = differing('<p>See <a href="/one/">this</a> one.</p>', '<p>See <a href="/two/">this</a> one.</p>')
    assert re.findall(r'<a href="(.*?)"[^>]*><(ins|del)', html_of(found)) == [("/one/", "del"), ("/two/", "ins")]


def test_a_change_of_form_alone_is_said_in_words() -> None:
    for before, after in [("<p>A bridge</p>", "<h2>A bridge</h2>"), ("<p>A bridge</p>", "<p>A <em>bridge</em></p>")]:
        [block] = differing(before, after).blocks
        assert (block.change, block.note, block.added) == ("changed", "Only its form changed.", 0)
        assert block.html == after


@pytest.mark.parametrize(
    ("before", "after", "removed", "added"),
    [
        ("橋は正午に閉鎖された。", "橋は一時に閉鎖された。", ["正午"], ["一時"]),
        ("大桥昨天关闭了", "大桥今天关闭了", ["昨"], ["今"]),
        ("أغلق الجسر أمس", "أغلق الجسر اليوم", ["أمس"], ["اليوم"]),
        ("हिन्दी में लिखा", "हिन्दी में पढ़ा", ["लिखा"], ["पढ़ा"]),
        ("มาที่นี่", "มาที่นั่น", ["นี่"], ["นั่น"]),
        ("don’t go at 3,000", "don’t go at 3,500", ["3,000"], ["3,500"]),
    ],
)
def test_every_script_is_parted_into_its_words(before: str, after: str, removed: list[str], added: list[str]) -> None:
    html = html_of(differing(f"<p>{before}</p>", f"<p>{after}</p>"))
    assert re.findall("<del[^>]*>(.*?)</del>", html) == removed
    assert re.findall("<ins[^>]*>(.*?)</ins>", html) == added


def test_no_character_is_parted_from_its_marks() -> None:
    assert words("มาที่นี่ e\u0301te\u0301 か\u3099") == ["ม", "า", "ที่", "นี่", "e\u0301te\u0301", "か\u3099"]


# Blocks -------------------------------------------------------------------------------------


def test_paragraphs_come_and_go_in_their_places() -> None:
    found = differing(
        paragraphs("It rained a lot", "Then it stopped"), paragraphs("It rained a lot", "News", "Weather")
    )
    assert [(block.change, block.name) for block in found.blocks] == [
        ("same", "p"),
        ("removed", "p"),
        ("added", "p"),
        ("added", "p"),
    ]
    assert (found.words_added, found.words_removed) == (2, 3)


def test_items_and_cells_are_compared_each_with_its_own() -> None:
    found = differing(
        "<ul><li>Two eggs</li><li>Milk</li></ul><table><tbody><tr><th>A</th><td>1</td></tr></tbody></table>",
        "<ul><li>Three eggs</li><li>Milk</li><li>Salt</li></ul>"
        "<table><tbody><tr><th>A</th><td>2</td></tr><tr><th>B</th><td>3</td></tr></tbody></table>",
    )
    assert html_of(found) == (
        '<ul><li><del class="removed">Two</del><ins class="added">Three</ins> eggs</li><li>Milk</li>'
        '<li><ins class="added">Salt</ins></li></ul>'
        '<table><tbody><tr><th>A</th><td><del class="removed">1</del><ins class="added">2</ins></td></tr>'
        '<tr><th><ins class="added">B</ins></th><td><ins class="added">3</ins></td></tr></tbody></table>'
    )


def test_long_stretches_that_did_not_change_are_folded_but_for_what_is_beside_a_change() -> None:
    row = [f"Paragraph {'abcdefghijkl'[n] * 5}" for n in range(12)]
    found = differing(paragraphs(*row), paragraphs(*row[:6], row[6] + " more", *row[7:]))
    assert [(run.folded, len(run.blocks)) for run in found.runs] == [
        (True, 5),
        (False, 1),
        (False, 1),
        (False, 1),
        (True, 4),
    ]
    assert found.runs[0].title == "5 unchanged paragraphs"


def test_everything_is_new_where_there_was_nothing() -> None:
    found = compare(None, content("<p>One two</p>", headline="Three"), names=Names())
    assert [block.change for block in found.blocks] == ["added"]
    assert found.words_added == 3
    assert {field.name for field in found.fields} == {"headline", "bylines", "section"}


def test_equal_contents_differ_in_nothing() -> None:
    same = content("<p>One</p>" + markup(Figure(1)))
    found = compare(same, same)
    assert not found.changed
    assert found.summary == "Nothing differs."


# Pictures -----------------------------------------------------------------------------------


def test_a_caption_is_compared_word_by_word_and_the_picture_stays_one_block() -> None:
    found = differing(
        markup(Figure(1, caption="The <em>old</em> bridge")), markup(Figure(1, caption="The <em>new</em> bridge"))
    )
    [block] = found.blocks
    assert (block.change, block.name, block.added, block.removed) == ("changed", "figure", 1, 1)
    assert "Picture changed" in block.html
    assert '<dd>The <em><del class="removed">old</del><ins class="added">new</ins></em> bridge</dd>' in html_of(found)


def test_a_picture_is_compared_by_the_words_that_readers_got() -> None:
    before, after = content(markup(Figure(1))), content(markup(Figure(1)))
    after["images"] = [use(1, "text", caption="Mended", alt="Alt 1", credit="Credit 1")]
    [block] = compare(before, after, names=Names()).blocks
    assert block.change == "changed"
    assert "Mended" in block.html


def test_another_picture_is_said_and_both_are_shown_where_they_may_be() -> None:
    shown = {1: SafeString('<img src="/1">'), 2: SafeString('<img src="/2">')}
    same = {"caption": "The bridge", "alt": "A bridge"}
    before, after = (content(markup(Figure(key, **same))) for key in (1, 2))
    [block] = compare(before, after, names=Names(), pictures=shown).blocks
    assert "Picture replaced" in block.html
    assert '<del><img src="/1"></del><ins><img src="/2"></ins>' in block.html


def test_a_picture_whose_uses_were_left_out_is_no_error() -> None:
    before = content(markup(Figure(1)) + markup(Figure(2)))
    before["images"] = before["images"][1:]
    assert compare(before, content(markup(Figure(2))), names=Names()).words_removed == 0


def test_the_lead_image_and_the_gallery_are_compared() -> None:
    before = content(images=[use(1, "lead", alt="A bridge"), use(2, "gallery", 0, alt="Two")])
    after = content(images=[use(1, "lead", alt="A closed bridge"), use(3, "gallery", 0, alt="Three")])
    found = {field.name: seen(field.html) for field in compare(before, after, names=Names()).fields}
    assert 'A <ins class="added">closed </ins>bridge' in found["lead"]
    assert "Picture replaced" in found["gallery"]


# Other fields -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_names_are_asked_of_the_database_for_what_differs_alone(django_assert_num_queries: Any) -> None:
    ada, ben = make_author("Ada"), make_author("Ben")
    news, topic = make_section("News"), make_tag("Floods")
    before = content(bylines=[ada.pk], section=news.pk)
    after = content(bylines=[ada.pk, ben.pk], section=news.pk, tags=[topic.pk])
    with django_assert_num_queries(2):
        found = compare(before, after)
    assert [(field.name, field.before, field.after) for field in found.fields] == [
        ("bylines", "Ada", "Ada, Ben"),
        ("tags", "", "Floods"),
    ]
    assert seen(found.fields[0].html) == 'Ada · <ins class="added">Ben</ins>'
    with django_assert_num_queries(3):
        names = Names.of([before, after, None])
    with django_assert_num_queries(0):
        compare(before, after, names=names)


def test_what_is_deleted_is_said_to_be() -> None:
    [field] = compare(content(), content(tags=[9]), names=Names()).fields
    assert field.after == "(deleted)"


def test_readers_are_not_told_of_slugs_and_colleagues_are() -> None:
    before, after = content(slug="a"), content(slug="b", language="de")
    assert compare(before, after, names=Names()).fields == []
    named = [field.name for field in compare(before, after, names=Names(), fields=FOR_COLLEAGUES).fields]
    assert named == ["language", "slug"]


# Safety -------------------------------------------------------------------------------------

HOSTILE = '<script>alert(1)</script><p onclick="x">a <b style="x">b</b> <img src=x onerror=y> &lt;script&gt;</p>'


def test_nothing_hostile_comes_through_from_any_field() -> None:
    before = content("<p>a b c</p>", headline="Old <i>", standfirst='"><script>x</script>')
    after = content(HOSTILE, headline="New <script>", standfirst="<img>", slug="<x>", kicker="&lt;")
    after["images"] = [use(1, "lead", alt='"><script>', caption="a", credit="<script>")]
    found = compare(before, after, names=Names({1: "<script>"}), fields=FOR_COLLEAGUES)
    html = "".join(part.html for part in (*found.blocks, *found.fields))
    for unwanted in ("<script", "onclick", "onerror", "style", "<img", "<i>"):
        assert unwanted not in html


def test_the_words_for_those_who_do_not_see_marks_are_translatable_and_decide_no_direction() -> None:
    with translation.override("de"):
        html = differing("<p>אתמול</p>", "<p>היום</p>").blocks[0].html
    assert '<span class="visually-hidden unseen" lang="de" dir="auto">' in html


def test_the_text_has_the_direction_of_its_language() -> None:
    assert differing("", "", language="en").direction == "ltr"
    assert differing("", "", language="xx").direction == "auto"


def well_formed(html: str) -> bool:
    open_tags = []
    for closing, name in re.findall(r"<(/?)([a-z][a-z0-9]*)[^>]*>", html):
        if closing:
            if not open_tags or open_tags.pop() != name:
                return False
        elif name not in ("br", "hr", "img"):
            open_tags.append(name)
    return not open_tags


def without(html: str, name: str) -> str:
    return re.sub(rf'<{name} class="(added|removed)">.*?</{name}>', "", html, flags=re.DOTALL)


@st.composite
def pair(draw: Any) -> tuple[str, str]:
    base = draw(BODY)
    return base, draw(edited(base))


@settings(max_examples=300, deadline=None)
@given(pair())
def test_both_texts_can_be_read_out_of_the_difference(pair: tuple[str, str]) -> None:
    before, after = pair
    found = compare(content(before), content(after), names=Names())
    html = html_of(found)
    assert well_formed("".join(block.html for block in found.blocks))
    names = set(re.findall(r"</?([a-z][a-z0-9]*)", html))
    assert names <= set(ALLOWED) | {"ins", "del", "div"}
    if "<figure" not in before + after:
        assert words(to_text(without(html, "del"))) == words(to_text(after))
        assert words(to_text(without(html, "ins"))) == words(to_text(before))
    assert compare(content(after), content(after), names=Names()).body_changed is False
    assert found.body_changed or to_text(before) == to_text(after)


# Speed --------------------------------------------------------------------------------------


def test_two_long_revisions_are_compared_in_well_under_a_tenth_of_a_second() -> None:
    row = [" ".join(f"word{(n * 37 + m * m) % 700}" for m in range(75)) for n in range(40)]
    before = paragraphs(*row)
    after = paragraphs(*(re.sub(r"word(\d*[05])\b", r"other\1", text) for text in row[3:] + row[:3]))
    took = []
    for _turn in range(3):
        start = time.process_time()
        found = differing(before, after)
        took.append(time.process_time() - start)
    assert found.words_added > 500
    assert min(took) < 0.1


@pytest.mark.parametrize("length", [1, 400])
def test_texts_that_nobody_writes_are_compared_in_time_too(length: int) -> None:
    before = paragraphs(*["a b c " * length] * (6_000 // length))
    start = time.process_time()
    differing(before, before.replace("b c", "c b"))
    assert time.process_time() - start < 5
