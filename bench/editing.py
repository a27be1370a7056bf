"""How long editors wait to save a long text, publish it, compare two of its revisions; beside opening its form."""

import random
import time
from dataclasses import dataclass, field
from typing import Any

from bench import load
from bench import newsroom_under_test as under_test

WORDS, A_PARAGRAPH = 3000, 50
ROUNDS = 30
SYLLABLES = [
    "har",
    "stor",
    "wal",
    "riv",
    "bo",
    "ten",
    "mor",
    "sal",
    "quin",
    "det",
    "lan",
    "fep",
    "gru",
    "hoz",
    "ibr",
    "jat",
    "kel",
    "mun",
    "nov",
    "opr",
    "pas",
    "tir",
    "ush",
    "vel",
]
# A small language of its own: as many different words as such a text has, few of them often and most of them seldom.
VOCABULARY = [f"{a}{b}{c}" for c in ("n", "st", "rd", "m", "", "ck", "l", "ph") for b in "aeiou" for a in SYLLABLES]
OFTEN = [1 / rank for rank in range(1, len(VOCABULARY) + 1)]


@dataclass
class Waits:
    """Seconds that each kind of request took."""

    form: list[float] = field(default_factory=list)
    save: list[float] = field(default_factory=list)
    publish: list[float] = field(default_factory=list)


def paragraphs(seed: int) -> list[str]:
    """A text of WORDS words, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311  (no secret)
    return [" ".join(chance.choices(VOCABULARY, OFTEN, k=A_PARAGRAPH)) + "." for _ in range(WORDS // A_PARAGRAPH)]


def edited(text: list[str], seed: int) -> list[str]:
    """What a desk does to it: some words in five paragraphs, one new, one gone, one moved."""
    chance, text = random.Random(seed), list(text)  # noqa: S311
    for number in chance.sample(range(len(text)), 5):
        words = text[number].split()
        words[chance.randrange(len(words))] = chance.choice(VOCABULARY) + f"{seed}"
        text[number] = " ".join(words)
    text.insert(chance.randrange(len(text)), f"A new paragraph, number {seed}.")
    del text[chance.randrange(len(text))]
    text.append(text.pop(chance.randrange(len(text))))
    return text


def html(text: list[str]) -> str:
    return "".join(f"<p>{paragraph}</p>" for paragraph in text)


def waits(cookie: str) -> Waits:
    """Ask the server under test; what comes in between, such as approving, is not counted."""
    from articles import factories
    from articles.models import Article
    from newsroom.models import SiteSettings
    from newsroom.tests.faults.editor import Editor, form_path, verb_path
    from newsroom.tests.faults.forms import Form, form_of

    SiteSettings(undo_seconds=0).save()
    name, _, value = cookie.partition("=")
    editor = Editor(under_test.PORT, {name: value})
    text = paragraphs(0)
    article = factories.make_article(body=html(text))
    waited = Waits()
    for number in range(ROUNDS + 3):
        opened = editor.get(form_path(article.pk))
        form = form_of(opened.page, "based_on")
        text = edited(text, number)
        form.put("body", html(text))
        saved = editor.save(article.pk, form)
        article = Article.objects.select_related("revision").get(pk=article.pk)
        factories.approve(article)
        seen = Form(
            [("csrfmiddlewaretoken", form.first("csrfmiddlewaretoken")), ("seen", f"approved.{article.revision_id}")]
        )
        published = editor.post(verb_path(article.pk, "update" if number else "publish"), seen)
        _all_done(opened.status, saved.status, published.status, article.editions.count() == number + 1)
        if number >= 3:  # the first ones warm the server up
            waited.form.append(opened.seconds)
            waited.save.append(saved.seconds)
            waited.publish.append(published.seconds)
    editor.close()
    return waited


def differences() -> list[float]:
    """Seconds for each comparison of two revisions, in this process."""
    from articles.diff import compare

    taken = []
    for number in range(ROUNDS):
        text = paragraphs(number)
        before, after = {"body": html(text)}, {"body": html(edited(text, number))}
        start = time.perf_counter()
        compare(before, after)
        taken.append(time.perf_counter() - start)
    return taken


def rows(cookie: str) -> list[tuple[str, load.Result, load.Result]]:
    """(name, measured, limit) of each; the limit is opening the form of the same article."""
    waited = waits(cookie)
    form = load.result(waited.form)
    measured = {
        "save, 3,000 words": load.result(waited.save),
        "publish, 3,000 words": load.result(waited.publish),
        "diff, 3,000 words": load.result(differences()),
    }
    return [(name, one, form) for name, one in measured.items()]


def _all_done(opened: int, saved: int, published: int, edition: Any) -> None:
    if (opened, saved, published, bool(edition)) != (200, 302, 302, True):
        raise RuntimeError(f"Opening answers {opened}, saving {saved}, publishing {published}; edition: {edition}.")
