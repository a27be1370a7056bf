"""The spam filter tells by words and shape what moderators would decide, and says why."""

import pytest

from bench import spam
from comments.spam import bayes


def taught(*lessons: tuple[str, bool]) -> bayes.Counts:
    counts = bayes.Counts()
    for text, is_spam in lessons:
        counts.learn(bayes.keys(text), spam=is_spam)
    return counts


LESSONS = (
    ("Buy golden ducks at https://ducks.example/ref", True),
    ("Golden ducks, buy them cheap", True),
    ("The mayor was late again", False),
    ("Late again, says the mayor. Why?", False),
)


def test_a_comment_is_judged_by_the_words_that_were_learnt_and_these_are_named() -> None:
    verdict = bayes.judge("Who wants to buy golden ducks?", taught(*LESSONS))
    assert verdict.weight > 0
    assert {"golden ducks", "golden", "ducks"} <= set(verdict.marks)
    assert bayes.judge("The mayor says so", taught(*LESSONS)).weight < 0


def test_what_was_never_seen_weighs_nothing() -> None:
    assert bayes.judge("Quagga zebra", taught(*LESSONS[2:3])) == bayes.Verdict(0, [])
    assert bayes.judge("", bayes.prior()) == bayes.Verdict(0, []) or bayes.judge("", bayes.prior()).weight < 0


def test_a_weight_has_bounds() -> None:
    counts = taught(*[(f"ducks {number} geese swans herons", True) for number in range(2000)], ("x", False))
    assert bayes.judge("ducks geese swans herons", counts).weight <= bayes.LIMIT


@pytest.mark.parametrize(
    "text, mark",
    [
        ("Buy ducks", "buy ducks"),
        ("Buy golden ducks", "buy … ducks"),
        ("See HTTPS://www.Ducks.example/shop?x=1 now", "host:ducks.example"),
        ("See https://ducks.example/shop", "path:shop"),
        ("see ducks.example for more", "is:link"),
        ("https://a.example https://b.example", "is:links"),
        ("https://ducks.example", "is:only-link"),
        ("look here: https://ducks.example", "is:link-last"),
        ("WHY DOES NOBODY LISTEN", "is:shouting"),
        ("soooo good", "is:stretched"),
        ("really???", "is:excited"),
        ("go go go go go go go go go go", "is:same"),
        ("win $500", "is:signs"),
        ("win 500", "0"),
        ("ok", "is:short"),
        ("d\u200du\u0308c\u00adks", "ducks"),
        ("ｄｕｃｋｓ", "ducks"),
        ("duuuuucks", "duucks"),
        ("شُكْرًا", "شكرا"),
        ("x" * 150, "is:from-150"),
    ],
)
def test_marks(text: str, mark: str) -> None:
    assert mark in bayes.marks(text)


def test_a_good_sentence_has_no_shape_of_spam() -> None:
    shape = {mark for mark in bayes.marks("The bridge was opened in 1974, not in 1947.") if mark.startswith("is:")}
    assert shape == {"is:from-20"}


@pytest.mark.parametrize("text", ["\0" * 50, "\ud800", "a " * 2500, "https://" * 600, "." * 5000, "😀" * 5000])
def test_odd_texts_are_judged_too(text: str) -> None:
    assert abs(bayes.judge(text, bayes.prior()).weight) <= bayes.LIMIT
    assert len(bayes.keys(text)) < 10_000


def test_properties_are_named_in_words() -> None:
    assert [bayes.named(mark) for mark in ("ducks", "is:shouting", "is:from-60", "host:a.example", "is:link now")] == [
        "“ducks”",
        "is mostly capitals",
        "has 60 characters or more",
        "a.example",
        "“(link) now”",
    ]


@pytest.mark.parametrize(
    "text, is_spam",
    [
        ("Subscribe to my channel, I subscribe back", True),
        ("Jetzt kostenlos registrieren und Bonus sichern https://x.example", True),
        ("اشتركوا في قناتي", True),
        ("The council should have asked the people who live there.", False),
        ("Das Dach der Schule ist seit Jahren undicht, wer bezahlt das?", False),
        ("شكرا على المقال", False),
    ],
)
def test_before_the_first_decision_it_knows_a_little_of_three_languages(text: str, is_spam: bool) -> None:
    assert (bayes.judge(text, bayes.prior()).weight > 0) == is_spam


def test_each_file_is_judged_by_what_was_learnt_from_the_others() -> None:
    files = [
        [
            spam.Labelled(f"Buy golden ducks from shop {number} today", True),
            spam.Labelled(f"The mayor of town {number} was late again", False),
        ]
        for number in range(3)
    ]
    figures = spam.measure(files)
    assert (figures.comments, figures.area, figures.good_held) == (6, 1.0, 0.0)
    assert "area under the curve 1.000" in str(figures)


def test_the_area_counts_equal_weights_half() -> None:
    assert spam.area([(1, False), (2, True)]) == 1
    assert spam.area([(2, False), (1, True)]) == 0
    assert spam.area([(1, False), (1, True)]) == 0.5


@pytest.mark.skipif(spam.data() is None, reason="NEWSROOM_TEST_DATA names no labelled comments")
def test_real_comments_are_told_apart_as_well_as_promised() -> None:
    figures = spam.measure(spam.read(spam.data()))
    assert figures.area >= 0.95
    assert figures.good_held <= 0.01
    assert figures.spam_caught >= 0.60
