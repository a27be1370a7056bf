"""What a text is found by, and what a query asks for. No database is needed."""

import pytest

from articles.search.index import _vector
from articles.search.query import Clause, understood
from articles.search.snippets import LENGTH, marked, snippet
from articles.search.terms import LONGEST, MOST_BYTES, TERM_COST, fold, terms_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße", "STRASSE"),
        ("naïve", "naive"),
        ("Ångström", "angstrom"),
        ("Łódź", "lodz"),
        ("Ærø", "aero"),
        ("ﬁnal", "final"),
        ("ＡＢＣ", "abc"),
        ("e\u0301cole", "école"),
        ("Ha\u00adfen", "hafen"),
        ("إسلام", "اسلام"),
        ("آداب", "اداب"),
        ("مدرسة", "مدرسه"),
        ("على", "علي"),
        ("مُدَرِّس", "مدرس"),
        ("مـــيناء", "ميناء"),
        ("مسؤول", "مسوول"),
        ("کتاب", "كتاب"),
        ("ایران", "ايران"),
        ("٢٠٢٦", "2026"),
        ("۲۰۲۶", "2026"),
        ("İstanbul", "istanbul"),
        ("ёлка", "елка"),
    ],
)
def test_spellings_of_a_word_are_one_word(one, other):
    assert fold(one) == fold(other) != ""


def test_marks_that_are_letters_are_kept():
    assert fold("हिन्दी") == "हिन्दी" != fold("हनद")
    assert fold("が") != fold("か")


def test_scripts_without_spaces_are_parted_into_pairs():
    assert terms_of("東京都2020", "ja").words == ["東京", "京都", "都", "2020"]
    assert terms_of("データ", "ja").words == terms_of("ﾃﾞｰﾀ", "ja").words == ["デー", "ータ", "タ"]


def test_the_parts_of_a_word_are_found_singly_and_together():
    terms = terms_of("O’Neill's e-mail, می‌روم", "en")
    assert terms.words == ["o", "neill", "s", "e", "mail", "مي", "روم"]
    assert {"oneills", "email", "ميروم"} <= set(terms.stems)


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE x --", 'a "b" * ^ : { } ( ) - + \\ ' + "'", "\0\x1f\x7f", "½ ﷺ ™ ㍿ Å", "\ud800 x", "_a_b_"]
)
def test_terms_hold_no_sign_that_a_database_would_understand(text):
    found = terms_of(text, "en")
    assert all(char.isalnum() for term in found.words + found.stems for char in term)


def test_a_text_without_end_gives_as_many_terms_as_a_row_takes():
    text = "".join(chr(0x4E00 + i * 7919 % 20000) for i in range(300_000)) + " word" * 100_000 + "x" * 100_000
    found = terms_of(text, "en")
    size = sum(len(term.encode()) + TERM_COST for term in found.words + found.stems)
    assert MOST_BYTES * 0.9 < size <= MOST_BYTES + 1000
    assert len(_vector(terms_of("", "en"), found)) < 1_000_000
    assert max(map(len, terms_of("x" * 1000, "en").words)) == LONGEST


# Queries ----------------------------------------------------------------------------------


def words_of(typed, language="en"):
    return [clause.words for clause in understood(typed, language)]


@pytest.mark.parametrize(
    ("typed", "clauses"),
    [
        ("harbour wall", [("harbour",), ("wall",)]),
        ('"harbour wall" storm', [("harbour", "wall"), ("storm",)]),
        ("“harbour wall” «sea wall» „Alte Mauer“", [("harbour", "wall"), ("sea", "wall"), ("alte", "mauer")]),
        ('"harbour wall', [("harbour", "wall")]),
        ('wall"harbour"', [("wall",), ("harbour",)]),
        ("covid-19", [("covid", "19")]),
        ("wall wall", [("wall",)]),
        ("wall,sea/shore", [("wall",), ("sea",), ("shore",)]),
        ("東京都", [("東京", "京都")]),
        ("東", [("東",)]),
        ('東京 "大阪"', [("東京",), ("大阪",)]),
        ('""', []),
        ("* - ' ( NEAR:", [("near",)]),
        ("\0\0", []),
    ],
)
def test_a_query_asks_for(typed, clauses):
    assert words_of(typed) == clauses


def test_a_word_may_go_on_and_a_phrase_may_not():
    assert understood("harb", "en")[0].open and not understood('"harb"', "en")[0].open
    assert not understood("a", "en")[0].open
    assert understood("東", "ja")[0].open and understood('"東"', "ja")[0].open
    assert not understood("東京", "ja")[0].open


# Snippets ---------------------------------------------------------------------------------


def shown(parts):
    return "".join(f"[{part.text}]" if part.found else part.text for part in parts)


@pytest.mark.parametrize(
    ("text", "typed", "language", "expected"),
    [
        ("The harbours are old", "harbour", "en", "The [harbours] are old"),
        ("The harbour wall, a harbour", '"harbour wall"', "en", "The [harbour wall], a harbour"),
        ("Häfen und Hafen", "hafen", "de", "[Häfen] und [Hafen]"),
        ("في الميناءِ الكبير", "ميناء", "ar", "في [الميناءِ] الكبير"),
        ("大阪と東京都庁へ", "東京都", "ja", "大阪と[東京都]庁へ"),
        ("大阪と東京都庁へ", "京", "ja", "大阪と東[京都]庁へ"),
        ("O'Neill came", "o'neill", "en", "[O'Neill] came"),
        ("<b>harb</b>", "harb", "en", "<b>[harb]</b>"),
        ("nothing here", "harb", "en", "nothing here"),
    ],
)
def test_what_was_searched_for_is_marked(text, typed, language, expected):
    assert shown(marked(text, understood(typed, language), language)) == expected


def test_a_snippet_shows_the_place_where_most_of_the_words_stand():
    text = "The wall stands. " + "Nothing happens. " * 100 + "Then the harbour wall broke. " + "All is quiet. " * 100
    part = snippet(["A standfirst", text], understood("harbour wall", "en"), "en")
    words = shown(part)
    assert "[harbour] [wall] broke" in words and words.startswith("… ") and words.endswith(" …")
    assert len(words) < LENGTH + 30
    assert not words.strip("… ").startswith("appens")


def test_a_snippet_of_a_text_in_which_nothing_is_found_is_its_beginning():
    assert shown(snippet(["", "It begins. " * 100], [Clause(("x",))], "en")).startswith("It begins. It begins.")
    assert snippet(["", ""], [Clause(("x",))], "en") == []
