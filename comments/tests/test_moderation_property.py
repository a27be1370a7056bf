"""Random lives of the comments on an article: moderators, authors and rules act in any order, often on what is stale.

The model keeps of each comment its state, number and words as the acts that went through should have left them;
after every act the database, its log and the page must say the same.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from articles.factories import make_live
from comments import editing, moderation, pages, posting, privacy, threads
from comments.decisions import DECISIONS
from comments.models import Comment, Lesson, ModerationAction, Opening
from comments.states import GONE, SHOWN, TURNED_DOWN, UNDO, WITHDRAWABLE, Mode, State
from newsroom.testing import make_user

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WHICH = st.integers(min_value=0, max_value=30)
# Words that the rules let go by, and those that they hold.
WORDS = st.sampled_from(["The bridge is closed.", "Why did nobody ask?", "casino " * 8 + "https://x.example" * 7])


@dataclass
class Belief:
    """What the model believes of one comment. `seen`: its versions as two moderators last saw them."""

    pk: int
    word: str
    state: str = State.PENDING
    number: int | None = None
    parent: "Belief | None" = None
    born: datetime = NOW
    versions: int = 1
    edits: int = 1
    undo_to: list = field(default_factory=list)
    seen: dict = field(default_factory=dict)


class Discussion(RuleBasedStateMachine):
    """Hypothesis picks the acts; each is tried on the database and, where it went through, on the model."""

    def __init__(self):
        super().__init__()
        self.beliefs = []
        self.traveller = None
        self.highest = 0
        self.words = 0

    @initialize(mode=st.sampled_from([Mode.PRE, Mode.POST]))
    def open(self, mode):
        self.sid = transaction.atomic()
        self.sid.__enter__()
        self.traveller = time_machine.travel(NOW, tick=False)
        self.clock = self.traveller.start()
        self.people = {name: make_user(name, "moderator") for name in ("erik", "mona")}
        self.edition = make_live()
        self.mode = mode
        Opening.objects.create(article=self.edition.article, mode=mode)
        self.page = Client()

    def teardown(self):
        if self.traveller:
            transaction.set_rollback(True)
            self.sid.__exit__(None, None, None)
            self.traveller.stop()

    # Acts -----------------------------------------------------------------------------------

    @rule(text=WORDS, under=st.none() | WHICH)
    def write(self, text, under):
        parent = self.pick(under) if under is not None and self.beliefs else None
        word = f"word{self.words}x"
        self.words += 1
        answers = Comment.objects.get(pk=parent.pk).public_id if parent else ""
        try:
            comment = posting.post(self.edition, name="Rosa", body=f"{word} {text}", answers=answers)
        except posting.ParentGone:
            assert not self.visible(parent)
            return
        assert parent is None or self.visible(parent)
        belief = Belief(comment.pk, word, parent=parent, born=self.clock_now(), versions=2)
        self.beliefs.append(belief)
        self.goes_to(belief, comment.state)
        assert comment.state in (
            {State.PUBLISHED, State.HELD} if self.mode == Mode.POST else {State.PENDING, State.HELD}
        )

    @precondition(lambda self: self.beliefs)
    @rule(which=WHICH, who=st.sampled_from(["erik", "mona"]))
    def look(self, which, who):
        belief = self.pick(which)
        belief.seen[who] = Comment.objects.get(pk=belief.pk).versions

    @precondition(lambda self: self.beliefs)
    @rule(which=WHICH, who=st.sampled_from(["erik", "mona"]), name=st.sampled_from([*DECISIONS]))
    def decide(self, which, who, name):
        belief, row = self.pick(which), DECISIONS[name]
        comment = Comment.objects.get(pk=belief.pk)
        before, expected = comment.state, belief.seen.get(who, comment.versions)
        try:
            moderation.decide(comment, name, by=self.people[who], expected=expected, reason="abuse")
        except moderation.Stale:
            assert expected != (belief.versions, belief.edits)
            return
        except moderation.Refused:
            assert before not in row.froms or row.picks is not None
            return
        assert expected == (belief.versions, belief.edits)
        assert before in row.froms
        belief.undo_to.append(before)
        self.acted(belief, row.to)

    @precondition(lambda self: self.beliefs)
    @rule(which=WHICH, who=st.sampled_from(["erik", "mona"]))
    def undo(self, which, who):
        belief = self.pick(which)
        comment = Comment.objects.get(pk=belief.pk)
        expected = belief.seen.get(who, comment.versions)
        try:
            moderation.undo(comment, by=self.people[who], expected=expected)
        except moderation.Stale:
            assert expected != (belief.versions, belief.edits)
        except moderation.Refused:
            assert not belief.undo_to
        else:
            # An undo can be taken back, too.
            back = belief.undo_to.pop()
            belief.undo_to.append(belief.state)
            self.acted(belief, back)

    @precondition(lambda self: self.beliefs)
    @rule(which=WHICH, text=WORDS)
    def edit(self, which, text):
        belief = self.pick(which)
        comment = Comment.objects.get(pk=belief.pk)
        word = f"word{self.words}x"
        self.words += 1
        try:
            editing.edit(comment, name="Rosa", body=f"{word} {text}", expected=comment.versions)
        except editing.Refused:
            late = self.clock_now() >= belief.born + editing.EDIT_FOR
            assert late or belief.state not in editing.EDITABLE
            return
        belief.word, belief.undo_to = word, []
        belief.edits += 1
        self.acted(belief, comment.state)
        assert self.mode == Mode.POST or comment.state != State.PUBLISHED

    @precondition(lambda self: self.beliefs)
    @rule(which=WHICH)
    def withdraw(self, which):
        belief = self.pick(which)
        comment = Comment.objects.get(pk=belief.pk)
        try:
            moderation.withdraw(comment, expected=comment.versions)
        except moderation.Refused:
            assert belief.state not in WITHDRAWABLE
        else:
            assert belief.state in WITHDRAWABLE
            belief.undo_to = []
            self.acted(belief, State.WITHDRAWN)

    @precondition(lambda self: self.beliefs)
    @rule(which=WHICH)
    def erase(self, which):
        belief = self.pick(which)
        privacy.erase_comment(Comment.objects.get(pk=belief.pk))
        if belief.state not in GONE:
            belief.undo_to, belief.word = [], ""
            self.acted(belief, State.ERASED_HIDDEN if belief.state in TURNED_DOWN else State.ERASED)

    @rule(minutes=st.sampled_from([1, 4, 20]))
    def wait(self, minutes):
        self.clock.shift(timedelta(minutes=minutes))

    # The model ------------------------------------------------------------------------------

    def clock_now(self):
        return datetime.now(UTC)

    def pick(self, which):
        return self.beliefs[which % len(self.beliefs)]

    def acted(self, belief, state):
        belief.versions += 1
        self.goes_to(belief, state)

    def goes_to(self, belief, state):
        belief.state = state
        if state == State.PUBLISHED and belief.number is None:
            self.highest += 1
            belief.number = self.highest

    def visible(self, belief):
        """Whether readers see its words: it is published, and nothing that it stands under is hidden."""
        if belief.state != State.PUBLISHED:
            return False
        above = belief.parent
        while above is not None:
            if above.state not in SHOWN:
                return False
            above = above.parent
        return True

    # What must hold ---------------------------------------------------------------------------

    @invariant()
    def the_database_is_as_believed(self):
        rows = {row.pk: row for row in Comment.objects.all()}
        for belief in self.beliefs:
            row = rows[belief.pk]
            assert (row.state, row.number, row.versions) == (
                belief.state,
                belief.number,
                (belief.versions, belief.edits),
            )
            assert bool(row.body) == (belief.state not in GONE)

    @invariant()
    def numbers_are_given_once_in_order_and_never_again(self):
        numbers = [belief.number for belief in self.beliefs if belief.number is not None]
        assert sorted(numbers) == list(range(1, self.highest + 1))

    @invariant()
    def the_state_is_the_fold_of_the_log(self):
        for belief in self.beliefs:
            actions = list(ModerationAction.objects.filter(comment=belief.pk).order_by("pk"))
            state = State.PENDING.value
            for version, action in enumerate(actions, start=1):
                assert (action.from_state, action.state_version) == (state, version + 1)
                state = action.to_state
            assert (state, len(actions) + 1) == (belief.state, belief.versions)

    @invariant()
    def nothing_is_published_without_somebody_or_a_rule_who_did_it(self):
        for belief in self.beliefs:
            if belief.state == State.PUBLISHED:
                last = ModerationAction.objects.filter(comment=belief.pk).first()
                assert last.to_state == State.PUBLISHED
                assert last.by_id or (last.automated and last.rule == "trust" and self.mode == Mode.POST)
                assert last.text_version == belief.edits or last.decision == "edit" or last.decision == UNDO

    @invariant()
    def the_page_shows_exactly_what_it_may(self):
        if not self.beliefs:
            return
        found = pages.of_article(self.edition.article_id)
        shown = {node.comment.pk for node in _each(found.roots) if not node.tombstone}
        believed = {belief.pk for belief in self.beliefs if self.visible(belief)}
        assert shown == believed
        assert found.count == len(believed)
        for belief in self.beliefs:
            public_id = Comment.objects.values_list("public_id", flat=True).get(pk=belief.pk)
            assert bool(threads.find_shown(public_id)) == (belief.pk in believed)

    @rule()
    def the_served_page_holds_the_words_of_those_and_no_others(self):
        if self.beliefs:
            served = self.page.get(f"{self.edition.path}?again=1").content.decode()
            for belief in self.beliefs:
                if belief.word:
                    assert (belief.word in served) == self.visible(belief), belief

    @invariant()
    def what_is_erased_leaves_no_lesson(self):
        erased = [belief.pk for belief in self.beliefs if belief.state in GONE]
        assert not Lesson.objects.filter(comment__in=erased).exists()


def _each(nodes):
    for node in nodes:
        yield node
        yield from _each(node.replies)


@pytest.mark.parametrize(("lives", "steps"), [(12, 25), pytest.param(200, 60, marks=pytest.mark.drill, id="long")])
@pytest.mark.django_db
def test_states_numbers_log_and_page_agree_whatever_anybody_does(lives, steps):
    run_state_machine_as_test(
        Discussion,
        settings=settings(
            max_examples=lives, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
