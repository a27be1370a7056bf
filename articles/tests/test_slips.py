"""A minor change mends a slip of typing. What readers would call news is none, in whatever language it is written."""

import time

import pytest

from articles.slips import more_than_a_slip


def content(body: str, **fields: object) -> dict[str, object]:
    return {"headline": "Same", "kicker": "", "standfirst": "", "body": body, "images": []} | fields


def changed(before: str, after: str) -> list[str]:
    return more_than_a_slip(content(f"<p>{before}</p>"), content(f"<p>{after}</p>"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("He sayd so.", "He said so."),
        ("The 3 bridges “hold”, he sayd.", "The 3 bridges “hold”, he said."),
        ("„Ja“, sagte sie ihn.", "„Ja“, sagte sie ihm."),
        ("It’s the boys’ teem.", "It’s the boys’ team."),
        ("A 27” screan, “fine”.", "A 27” screen, “fine”."),
        ("Don’t “go”. I’ts late.", "Don’t “go”. It’s late."),
        ("He said: “yes”.", "He said: „yes“."),
    ],
)
def test_a_slip_of_typing_is_one(before: str, after: str) -> None:
    assert changed(before, after) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("It cost 1,200.50.", "It cost 1,200.05."),
        ("From 3 to 5.", "From 5 to 3."),
        ("It is −3 degrees.", "It is 3 degrees."),
        ("٣ جسور", "٤ جسور"),
        ("३ पुल", "४ पुल"),
        ("About ½ of it.", "About ¼ of it."),
        ("三座桥", "四座桥"),
        ("40 m²", "40 m³"),
    ],
)
def test_a_number_in_any_script_is_more_than_a_slip(before: str, after: str) -> None:
    assert changed(before, after) == ["number"]


@pytest.mark.parametrize(
    "quotation",
    [
        "“{}”, he said.",
        "‘{}’, he said.",
        "‘It’s {}’, he said.",
        "„{}“, sagte er.",
        "‚{}‘, sagte er.",
        "»{}«, sagte er.",
        "«{}», dit-il.",
        "« {} », dit-il.",
        "”{}”, sade han.",
        "»{}», sade han.",
        "„{}”, powiedział.",
        "‹{}›, dit-il.",
        '"{}", he said.',
        'הוא אמר: "צה"ל {}".',
        "「{}」と言った。",
        "『{}』と言った。",
        "<q>{}</q>, he said.",
        # Over more than one paragraph, with a mark again at the beginning of each or without.
        "“We came.</p><p>“We saw: {}.”",
        "“We came.</p><p>We saw: {}.”",
        "„Wir kamen.</p><p>„Wir sahen: {}.“",
        '"We came.</p><p>"We saw: {}."',
        "« Nous sommes venus.</p><p>» Nous avons vu: {}. »",
    ],
)
def test_a_quotation_of_any_language_is_more_than_a_slip(quotation: str) -> None:
    assert changed(quotation.format("all is well"), quotation.format("all is lost")) == ["quotation"]


def test_a_quotation_within_one_that_is_set_off_counts_with_it() -> None:
    quoted = "<blockquote><p>A</p><blockquote><p>B</p></blockquote><p>{}</p></blockquote>"
    assert more_than_a_slip(content(quoted.format("well")), content(quoted.format("lost"))) == ["quotation"]


def test_words_that_become_a_quotation_are_more_than_a_slip() -> None:
    assert changed("He called it fine.", "He called it “fine”.") == ["quotation"]


def test_a_mark_that_is_never_closed_reaches_to_the_end_of_its_paragraph() -> None:
    assert changed("“Open.</p><p>He sayd so.", "“Open.</p><p>He said so.") == []
    assert changed("“Open sayd.</p><p>So.", "“Open said.</p><p>So.") == ["quotation"]


def test_a_text_full_of_marks_is_looked_through_in_no_time() -> None:
    text = "<p>" + '“ „ « ‘ a’ " 1 '.join(["x"] * 20_000) + "</p>"
    begun = time.process_time()
    more_than_a_slip(content(text), content(text + "<p>y</p>"))
    assert time.process_time() - begun < 5
