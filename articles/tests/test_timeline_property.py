"""Random lives of an article: what is live equals a simple model's answer at every instant.

The model knows nothing of spans: it keeps a list of intents and withdrawals, and asks at each instant
which started last of those that had not been cancelled.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from django.db import transaction
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

from articles import publishing
from articles.factories import approve, edit, make_article
from articles.models import Article, Edition
from newsroom.models import SiteSettings

START = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)
STEPS = st.integers(min_value=0, max_value=6).map(lambda quarters: timedelta(minutes=15 * quarters))
AHEAD = st.integers(min_value=1, max_value=12).map(lambda quarters: timedelta(minutes=15 * quarters))


@dataclass
class Intent:
    headline: str
    starts: datetime
    expires: datetime | None
    made: int


class Newsroom(RuleBasedStateMachine):
    """Publish, schedule, cancel, bring forward, withdraw, reinstate and the clock, in any order."""

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.travel = time_machine.travel(START, tick=False)
        self.clock = self.travel.start()
        self.now = START
        self.intents: list[Intent] = []
        self.hidden: list[list[datetime | None]] = []
        self.instants = {START}
        self.count = 0

    def teardown(self):
        try:
            self.readers_see_what_the_model_says_at_every_instant()
        finally:
            self.travel.stop()
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    @initialize(undo=st.sampled_from([0, 20]))
    def open_newsroom(self, undo):
        self.undo = timedelta(seconds=undo)
        SiteSettings(undo_seconds=undo).save()
        self.pk = make_article(headline="0").pk

    # The model ---------------------------------------------------------------------------

    def believed_at(self, moment):
        for begin, end in self.hidden:
            if end is None or begin <= moment < end:
                return None
        started = [i for i in self.intents if i.starts <= moment]
        if not started:
            return None
        last = max(started, key=lambda i: (i.starts, i.made))
        return None if last.expires and last.expires <= moment else last.headline

    def begun(self, intent):
        return intent.starts <= self.now

    def remember(self, *moments):
        for moment in filter(None, moments):
            self.instants |= {moment - timedelta(microseconds=1), moment, moment + timedelta(microseconds=1)}

    # The real thing ------------------------------------------------------------------------

    def article(self):
        return Article.objects.select_related("revision").get(pk=self.pk)

    def approved(self):
        self.count += 1
        article = edit(self.article(), headline=str(self.count))
        approve(article)
        return article

    def edition(self, intent):
        return Edition.objects.select_related("article").get(article=self.pk, headline=intent.headline)

    # Rules ---------------------------------------------------------------------------------

    @rule(by=STEPS)
    def time_passes(self, by):
        self.now += by
        self.clock.move_to(self.now)
        self.remember(self.now)

    @rule()
    def publish(self):
        publishing.publish(self.approved(), by=None)
        self.intents.append(Intent(str(self.count), self.now + self.undo, None, self.count))
        self.remember(self.now + self.undo)

    @rule(ahead=AHEAD, lasts=st.none() | AHEAD)
    def schedule(self, ahead, lasts):
        starts = self.now + ahead
        expires = starts + lasts if lasts else None
        publishing.schedule(self.approved(), by=None, starts_at=starts, expires_at=expires)
        self.intents.append(Intent(str(self.count), starts, expires, self.count))
        self.remember(starts, expires)

    @precondition(lambda self: any(not self.begun(i) for i in self.intents))
    @rule(data=st.data())
    def cancel(self, data):
        intent = data.draw(st.sampled_from([i for i in self.intents if not self.begun(i)]))
        publishing.cancel(self.edition(intent))
        self.intents.remove(intent)

    @precondition(lambda self: any(not self.begun(i) for i in self.intents))
    @rule(data=st.data())
    def bring_forward(self, data):
        intent = data.draw(st.sampled_from([i for i in self.intents if not self.begun(i)]))
        publishing.bring_forward(self.edition(intent))
        intent.starts = self.now
        self.remember(self.now)

    @precondition(lambda self: any(self.begun(i) for i in self.intents))
    @rule(data=st.data())
    def cancelling_what_began_is_refused(self, data):
        intent = data.draw(st.sampled_from([i for i in self.intents if self.begun(i)]))
        try:
            publishing.cancel(self.edition(intent))
        except publishing.Refused:
            return
        raise AssertionError("An edition that had begun was cancelled.")

    @precondition(lambda self: self.intents and not any(end is None for _, end in self.hidden))
    @rule()
    def withdraw(self):
        publishing.withdraw(self.article(), by=None, notice="Wrong.", reason="error")
        self.hidden.append([self.now, None])
        self.remember(self.now)

    @precondition(lambda self: any(end is None for _, end in self.hidden))
    @rule()
    def reinstate(self):
        publishing.reinstate(self.article(), by=None)
        self.hidden[-1][1] = self.now
        self.remember(self.now)

    # What must hold --------------------------------------------------------------------------

    @rule()
    def readers_see_what_the_model_says_at_every_instant(self):
        for moment in self.instants:
            self.compare(moment)

    @invariant()
    def readers_see_now_what_the_model_says(self):
        self.compare(self.now)

    def compare(self, moment):
        seen = list(Edition.objects.live_at(moment).values_list("headline", flat=True))
        believed = self.believed_at(moment)
        assert seen == ([believed] if believed else []), (moment, seen, believed)

    @invariant()
    def spans_never_overlap(self):
        spans = Edition.objects.exclude(live_from=None).order_by("live_from").values_list("live_from", "live_until")
        for (_, until), (following, _) in pairwise(spans):
            assert until is not None and until <= following


@pytest.mark.parametrize(("lives", "steps"), [(40, 25), pytest.param(1000, 60, marks=pytest.mark.drill, id="long")])
@pytest.mark.django_db
def test_what_is_live_equals_the_models_answer_at_every_instant(lives, steps):
    run_state_machine_as_test(
        Newsroom,
        settings=settings(
            max_examples=lives, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
