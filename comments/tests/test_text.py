"""What readers type is kept and shown without harm."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments import text
from comments.tests.markup import Elements, assert_harmless, naughty_strings


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("  two\r\nlines \r", "two\nlines"),
        ("a" + "\n" * 10_000 + "b", "a\n\nb"),
        ("cafe\u0301", "café"),
        ("nul\0 and bell\7", "nul and bell"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("\u202egnp.exe", "gnp.exe"),
        ("\u2066\u2067open isolates", "open isolates"),
        ("\ufeffmark", "mark"),
        ("Z" + "\u0301\u0323" * 40, unicodedata.normalize("NFC", "Z\u0301\u0323\u0301\u0323")),
        ("a" + "\u200b" * 500 + "b", "a\u200bb"),
        ("hidden" + "".join(chr(0xE0000 + ord(letter)) for letter in "words"), "hidden"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", None),
        ("👩🏽‍❤️‍💋‍👨", None),
        ("می‌خواهم", None),
        ("עִבְרִית with points", None),
        ("tab\tstays", None),
    ],
)
def test_what_disturbs_is_taken_away_and_what_languages_need_stays(typed: str, kept: str | None) -> None:
    assert text.tidy(typed) == (typed if kept is None else kept)


@given(st.text(st.characters() | st.sampled_from("\n\r\t\u200b\u200d\u202e\u2066\u0301\u0323\U000e0041\U0001f3f4")))
def test_tidying_twice_changes_nothing_more(typed: str) -> None:
    once = text.tidy(typed)
    assert text.tidy(once) == once
    assert unicodedata.is_normalized("NFC", once)


PIECES = [*"<>&\"' \n()[].@/", "https://", "javascript:", "x", "é"]


@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join))
def test_html_holds_nothing_but_paragraphs_breaks_and_links(typed: str) -> None:
    html = text.to_html(text.tidy(typed))
    assert_harmless(html)
    for tag, attributes in Elements(html).found:
        assert tag in {"p", "br", "a"}
        assert set(attributes) <= {"dir", "href", "rel"}


@pytest.mark.parametrize("empty", ["", " \n\t ", "\u200b\u200d", "\u2800", "\u3164", "\u202e", "\u0301", "\u00a0"])
def test_invisible_text_says_nothing(empty: str) -> None:
    assert not text.says_something(text.tidy(empty))


@pytest.mark.parametrize("short", ["?", "да", "👍", "好", "1"])
def test_a_single_sign_says_something(short: str) -> None:
    assert text.says_something(text.tidy(short))


def test_a_name_stands_on_one_line() -> None:
    assert text.tidy_name(" Ada\n\n Lovelace\t") == "Ada Lovelace"


def test_paragraphs_and_lines_are_kept() -> None:
    assert text.to_html("one\ntwo\n\nthree") == '<p dir="auto">one<br>\ntwo</p>\n<p dir="auto">three</p>'


@pytest.mark.parametrize(
    "typed, url",
    [
        ("see https://example.org/a?b=1&c=2.", "https://example.org/a?b=1&amp;c=2"),
        ("(https://example.org/wiki/Ada_(name))", "https://example.org/wiki/Ada_(name)"),
        ("HTTP://EXAMPLE.ORG", "HTTP://EXAMPLE.ORG"),
        ("“https://example.org/ä”", "https://example.org/ä"),
    ],
)
def test_http_addresses_become_links_without_the_punctuation_after_them(typed: str, url: str) -> None:
    link = f'<a href="{url}" rel="ugc nofollow noopener">{url}</a>'
    assert link in text.to_html(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "ftp://example.org",
        "https://",
        "https://bank.example@evil.example/",
        "www.example.org",
    ],
)
def test_nothing_else_becomes_a_link(typed: str) -> None:
    assert "<a" not in text.to_html(typed)


def test_attack_strings_become_plain_text() -> None:
    for typed in naughty_strings():
        assert_harmless(text.to_html(text.tidy(typed)))
