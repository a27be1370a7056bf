"""Many editors save at once, over real HTTP: nothing that was answered as saved is lost, and nobody sees an error."""

import logging
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from threading import Barrier

import pytest
from django.contrib.auth.hashers import make_password

from articles.factories import make_article
from articles.models import Article
from newsroom.testing import make_user
from newsroom.tests.faults.editor import Answer, Editor
from newsroom.tests.faults.forms import Form, form_of
from newsroom.tests.faults.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)

log = logging.getLogger(__name__)

PASSWORD = "a long enough password"
# Nobody waits longer than this many seconds, or than this many times a queue in which everybody else is served first.
LONGEST, QUEUES = 20, 5
PARAGRAPH = re.compile(r"<p>(Part (\d+): [^<]*)</p>")


@dataclass
class Tried:
    """One press of the button: what was typed, from which revision, and how it was answered."""

    editor: int
    article: int
    words: str
    based_on: int
    answer: Answer
    kept: bool = True

    @property
    def saved(self) -> bool:
        return self.answer.status == 302


@dataclass
class Desk:
    """The run of one editor."""

    number: int
    article: int
    editor: Editor
    tried: list[Tried] = field(default_factory=list)

    def work(self, saves: int) -> None:
        """Save so many times; after a conflict go on from the page that put both texts together."""
        form = self.editor.open(self.article)
        for _ in range(saves):
            words = f"Part {self.number}: turn {len(self.tried)} of editor {self.number}."
            type_paragraph(form, self.number, words)
            based_on = int(form.first("based_on"))
            answer = self.editor.save(self.article, form)
            told = form_of(answer.page, "based_on") if answer.status == 200 else Form()
            kept = not told or (words in told.first("body") and int(told.first("based_on")) > based_on)
            self.tried.append(Tried(self.number, self.article, words, based_on, answer, kept))
            form = told or self.editor.open(self.article)


def type_paragraph(form: Form, number: int, words: str) -> None:
    body = form.first("body")
    typed = PARAGRAPH.sub(lambda m: f"<p>{words}</p>" if int(m[2]) == number else m[0], body)
    assert typed != body, f"Paragraph {number} is not in the form: {body[:300]}"
    form.put("body", typed)


def paragraphs(body: str) -> dict[int, str]:
    return {int(number): words for words, number in PARAGRAPH.findall(body)}


def run(served, articles: list[Article], editors: int, saves: int) -> list[Desk]:
    """Let `editors` save `saves` times each; the Nth works on articles[N % len(articles)]."""
    together = Barrier(editors)
    desks = [Desk(n, articles[n % len(articles)].pk, Editor(served.port)) for n in range(editors)]

    def one(desk: Desk) -> None:
        desk.editor.sign_in(f"editor{desk.number}", PASSWORD)
        together.wait(timeout=300)
        if desk.number == 0:
            desk.work(2)  # alone: what a request takes on this machine now
        together.wait(timeout=300)
        desk.work(saves)

    with ThreadPoolExecutor(editors) as pool:
        list(pool.map(one, desks))
    for desk in desks:
        desk.editor.close()
    return desks


def hire(editors: int) -> None:
    secret = make_password(PASSWORD)
    for number in range(editors):
        make_user(f"editor{number}", "section editor", password=secret)


def article_of(parts: list[int]) -> Article:
    return make_article(body="".join(f"<p>Part {number}: as it was.</p>" for number in parts))


def check(served, desks: list[Desk]) -> None:
    """All that must be true after such a run, whoever was faster."""
    tried = [one for desk in desks for one in desk.tried]
    waits = sorted(one.answer.seconds for one in tried)
    alone = max(one.answer.seconds for one in desks[0].tried[:2])
    saved = [one for one in tried if one.saved]
    told = [one for one in tried if one.answer.status == 200]
    log.info(
        "%d editors, %d saves: %d done, %d told of a conflict; a save takes %.2f s alone; "
        "at once: median %.2f s, 95 %% %.2f s, longest %.2f s",
        *(len(desks), len(tried), len(saved), len(told), alone),
        *(waits[len(waits) // 2], waits[int(len(waits) * 0.95)], waits[-1]),
    )
    assert Counter(one.answer.status for one in tried).keys() <= {200, 302}
    assert not [one.answer.page[:500] for one in tried if "database is locked" in one.answer.page]
    assert served.troubles() == []
    assert [one for one in told if not one.kept] == [], "A conflict page does not hold what was typed."
    assert waits[-1] < max(LONGEST, QUEUES * alone * len(desks))
    for article in Article.objects.filter(pk__in={desk.article for desk in desks}):
        check_chain(article, [one for one in tried if one.article == article.pk])
    assert broken() == []


def check_chain(article: Article, tried: list[Tried]) -> None:
    """Each save that was answered as done is one revision on top of what it was based on; no other one exists."""
    revisions = list(article.revisions.order_by("number"))
    assert [r.number for r in revisions] == list(range(1, len(revisions) + 1))
    # One line from the first to the last, with no fork: nothing was saved over what its author had not seen.
    assert [r.parent_id for r in revisions] == [None, *(r.pk for r in revisions[:-1])]
    assert article.revision_id == revisions[-1].pk
    made = {}
    for before, after in pairwise(revisions):
        was, now = paragraphs(before.content["body"]), paragraphs(after.content["body"])
        changed = {number: words for number, words in now.items() if was.get(number) != words}
        assert len(changed) == 1 and was.keys() == now.keys(), f"{after} changed more than its author typed: {changed}"
        made[next(iter(changed.values()))] = before.pk
    assert made == {one.words: one.based_on for one in tried if one.saved}


def test_editors_who_save_one_article_at_once_are_each_saved_or_told(served):
    hire(8)
    desks = run(served, [article_of(list(range(8)))], editors=8, saves=3)
    check(served, desks)
    assert sum(one.saved for desk in desks for one in desk.tried) >= 3


def test_editors_who_save_articles_of_their_own_at_once_are_all_saved(served):
    hire(8)
    desks = run(served, [article_of([number]) for number in range(8)], editors=8, saves=3)
    check(served, desks)
    assert all(one.saved for desk in desks for one in desk.tried)


@pytest.mark.drill
def test_fifty_editors_who_save_one_article_twenty_times_are_each_saved_or_told(served):
    hire(50)
    desks = run(served, [article_of(list(range(50)))], editors=50, saves=20)
    check(served, desks)
    assert sum(one.saved for desk in desks for one in desk.tried) >= 20


@pytest.mark.drill
def test_fifty_editors_who_save_articles_of_their_own_twenty_times_are_all_saved(served):
    hire(50)
    desks = run(served, [article_of([number]) for number in range(50)], editors=50, saves=20)
    check(served, desks)
    assert all(one.saved for desk in desks for one in desk.tried)
