"""Random lives of an article: what is live equals a simple model's answer at every instant.

The model knows nothing of spans: it keeps the intents of editors and what each text stands on, and asks at
each instant which edition started last. A text is three fields; two texts are merged field by field.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
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

from articles import guards, revisions
from articles.admin.moments import moments_of
from articles.events import Stale, replay
from articles.factories import make_article
from articles.models import Article, Edition
from articles.states import Kind, Status
from articles.workflow import Refused, perform
from newsroom.models import SiteSettings
from newsroom.testing import make_user

BERLIN = ZoneInfo("Europe/Berlin")
# An hour before clocks in Berlin are put forward, and back.
SPRING = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
QUARTERS = st.integers(min_value=0, max_value=6).map(lambda quarters: timedelta(minutes=15 * quarters))
# Seconds too: what is published just before a planned edition comes true is still in its time to undo then.
STEPS = QUARTERS | st.sampled_from([timedelta(seconds=10), timedelta(minutes=14, seconds=50)])
AHEAD = st.integers(min_value=1, max_value=12).map(lambda quarters: timedelta(minutes=15 * quarters))
FIELDS = ("headline", "kicker", "standfirst")
PASSWORD = "two tides"


@dataclass(eq=False)
class Text:
    """A revision: its words, and all the texts that it stands on, itself included."""

    number: int
    words: dict
    stands_on: set = field(default_factory=set, repr=False)


class Clash(Exception):
    """Two texts changed the same field, or one of them was never approved."""


@dataclass(eq=False)
class Intent:
    pk: int
    text: Text
    starts: datetime
    expires: datetime | None
    created: datetime
    at_once: bool
    made: int
    by: str
    held: bool = False


@dataclass
class Life:
    """What the model believes of one article."""

    intents: list = field(default_factory=list)
    approved: set = field(default_factory=set)
    merges: dict = field(default_factory=dict)
    numbers: count = field(default_factory=lambda: count(1))

    def text(self, words, *parents):
        text = Text(next(self.numbers), dict(words))
        text.stands_on = {text}.union(*(parent.stands_on for parent in parents))
        return text

    def row(self):
        """[(intent, the text that it shows)] in order, and the intents that a clash keeps back."""
        active = sorted((i for i in self.intents if not i.held), key=lambda i: (i.starts, i.made))
        kept_back = []
        while True:
            row = [i for i, after in pairwise([*active, None]) if not (after and after.starts == i.starts)]
            shown = {}
            for place, intent in enumerate(row):
                try:
                    shown[intent] = self.shown(intent, row[:place], shown)
                except Clash:
                    kept_back.append(intent)
                    active.remove(intent)
                    break
            else:
                return [(intent, shown[intent]) for intent in row], kept_back

    def shown(self, intent, before, shown):
        text = intent.text
        seen = [other for other in before if other.starts <= intent.created]
        takes_in = [*seen[-1:], *(o for o in before if o.at_once and o not in seen)]
        if intent.at_once and before and before[-1] not in (*seen, *takes_in):
            takes_in.append(before[-1])
        for other in takes_in:
            text = self.merged(text, shown[other])
        return text

    def merged(self, mine, theirs):
        if theirs in mine.stands_on:
            return mine
        if mine in theirs.stands_on:
            return theirs
        if (mine, theirs) not in self.merges:
            self.merges[mine, theirs] = self.merge(mine, theirs)
        return self.merges[mine, theirs]

    def merge(self, mine, theirs):
        base = max(mine.stands_on & theirs.stands_on, key=lambda text: text.number)
        words = {name: self.word(base.words[name], mine.words[name], theirs.words[name]) for name in FIELDS}
        for parent in (mine, theirs):
            if parent.words == words:
                return parent
        if not {self.key(mine), self.key(theirs)} <= self.approved:
            raise Clash
        text = self.text(words, mine, theirs)
        self.approved.add(self.key(text))
        return text

    @staticmethod
    def word(base, mine, theirs):
        if mine in (base, theirs):
            return theirs
        if theirs == base:
            return mine
        raise Clash

    @staticmethod
    def key(text):
        return tuple(text.words.values())


class Newsroom(RuleBasedStateMachine):
    """Every verb of the workflow, by two writers and their editors, and the clock, in any order."""

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.traveller = None

    def teardown(self):
        try:
            if self.traveller:
                self.readers_see_what_the_model_says_at_every_instant()
                self.the_log_tells_the_present_state()
        finally:
            if self.traveller:
                self.zone.__exit__(None, None, None)
                self.traveller.stop()
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    @initialize(undo=st.sampled_from([0, 20]), start=st.sampled_from([SPRING, AUTUMN]))
    def open_newsroom(self, undo, start):
        self.traveller = time_machine.travel(start, tick=False)
        self.clock = self.traveller.start()
        self.zone = timezone.override(BERLIN)
        self.zone.__enter__()
        self.now = start
        self.undo_time = timedelta(seconds=undo)
        SiteSettings(undo_seconds=undo).save()
        roles = {"alice": "reporter", "anton": "reporter", "bob": "section editor", "berta": "section editor"}
        roles |= {"charlie": "duty editor", "carol": "duty editor"}
        self.people = {name: make_user(name, role) for name, role in roles.items()}
        for name in ("charlie", "carol"):
            self.people[name].set_password(PASSWORD)
        words = {"headline": "a", "kicker": "a", "standfirst": "a"}
        article = make_article(by=self.people["alice"], body="<p>The body stays.</p>", slug="fixed", **words)
        self.pk = article.pk
        self.life = Life()
        self.working = self.life.text(words)
        self.hidden: list[list[datetime | None]] = []
        self.withdrew = ""
        self.owed: list[tuple[Intent, str]] = []
        self.instants = {start}
        self.unused = count(1)

    # The real thing ------------------------------------------------------------------------

    def article(self):
        return Article.objects.select_related("revision").get(pk=self.pk)

    def edition(self, intent):
        return Edition.objects.get(pk=intent.pk)

    def act(self, verb, by, **asked):
        return perform(verb, self.article(), by=self.people[by], **asked)

    def save(self, words, by, parent=None, article=None):
        article = article or self.article()
        with transaction.atomic():
            for name, value in words.items():
                setattr(article, name, value)
            article.save()
            revisions.save(article, by=self.people[by], parent=parent)

    def write(self, names, by):
        """Change these fields to words that were never used; without digits, which are no slip of typing."""
        number = next(self.unused)
        word = "".join(chr(ord("a") + int(digit)) for digit in str(number)) + "x"
        self.save(dict.fromkeys(names, word), by)
        self.working = self.life.text(self.working.words | dict.fromkeys(names, word), self.working)

    def approve(self):
        status = self.article().status
        if status == Status.PARKED:
            self.act("resume", "alice")
        if self.article().status in (Status.DRAFT, Status.CHANGES_REQUESTED):
            self.act("submit", "alice")
        if self.article().status == Status.IN_REVIEW:
            self.act("approve", "berta")
        self.life.approved.add(self.life.key(self.working))

    # The model ---------------------------------------------------------------------------

    def ahead(self):
        row, _kept_back = self.life.row()
        return [intent for intent, _text in row if intent.starts > self.now]

    def held(self):
        _row, kept_back = self.life.row()
        return kept_back + [intent for intent in self.life.intents if intent.held]

    def live(self):
        """The intent and text at this instant, withdrawn or not."""
        started = [(i, text) for i, text in self.life.row()[0] if i.starts <= self.now]
        intent, text = started[-1] if started else (None, None)
        over = intent is None or (intent.expires and intent.expires <= self.now)
        return (None, None) if over else (intent, text)

    def withdrawn(self):
        return any(end is None for _, end in self.hidden)

    def believed_at(self, moment):
        for begin, end in self.hidden:
            if end is None or begin <= moment < end:
                return None
        started = [(i, text) for i, text in self.life.row()[0] if i.starts <= moment]
        if not started:
            return None
        intent, text = started[-1]
        return None if intent.expires and intent.expires <= moment else text.words

    def remember(self, *moments):
        for moment in filter(None, moments):
            self.instants |= {moment - timedelta(microseconds=1), moment, moment + timedelta(microseconds=1)}

    def try_move(self, intent, change, act):
        """`act` changes the real thing and `change` the model; both refuse where `intent` would be kept back."""
        before = dict(vars(intent))
        merges, approved = dict(self.life.merges), set(self.life.approved)
        change(intent)
        refused = intent in self.life.row()[1]
        try:
            act()
        except Refused as refusal:
            assert refused, refusal
            vars(intent).update(before)
            self.life.merges, self.life.approved = merges, approved
            return False
        assert not refused
        self.remember(intent.starts, intent.expires)
        return True

    def try_at_once(self, verb, by, **asked):
        """It ends when what it takes the place of was to end; what is planned does not slip out with it."""
        starts = self.now + self.undo_time
        started = [intent for intent, _text in self.life.row()[0] if intent.starts <= starts]
        expires = started[-1].expires if started else None
        expires = expires if expires and expires > starts else None
        if self.holds_what_is_planned():
            with pytest.raises(Refused, match="This text holds what is planned"):
                self.act(verb, by, **asked)
            return None
        return self.try_new(verb, by, starts=starts, expires=expires, at_once=True, **asked)

    def holds_what_is_planned(self):
        live, shown = self.live()
        kept_back = self.life.row()[1]
        planned = [
            intent.text
            for intent in self.life.intents
            if not intent.at_once and (intent.starts > self.now or intent.held or intent in kept_back)
        ]
        return live and any(text in self.working.stands_on and text not in shown.stands_on for text in planned)

    def try_new(self, verb, by, *, starts, expires=None, at_once, **asked):
        made = len(self.life.intents) + next(self.unused)
        intent = Intent(0, self.working, starts, expires, self.now, at_once, made, by)
        self.life.intents.append(intent)
        if self.try_move(intent, lambda _: None, lambda: self.act(verb, by, **asked)):
            intent.pk = Edition.objects.order_by("pk").last().pk
            return intent
        self.life.intents.remove(intent)
        return None

    # Rules: the clock ------------------------------------------------------------------------

    @rule(by=STEPS)
    def time_passes(self, by):
        _row, kept_back = self.life.row()
        self.now += by
        self.clock.move_to(self.now)
        self.remember(self.now)
        for intent in kept_back:
            if intent.starts < self.now:
                intent.held = True  # its time has passed while it was kept back

    # Rules: the working copy -------------------------------------------------------------------

    @rule(names=st.sets(st.sampled_from(FIELDS), min_size=1, max_size=2), by=st.sampled_from(["alice", "anton"]))
    def somebody_writes(self, names, by):
        self.write(names, by)

    @rule(names=st.sets(st.sampled_from(FIELDS), min_size=1, max_size=2))
    def of_two_who_write_at_once_the_second_is_told(self, names):
        mine = self.article()
        self.write(names, "anton")
        with pytest.raises(Stale):
            self.save(dict.fromkeys(names, "lost"), "alice", article=mine)

    @precondition(lambda self: self.article().status in (Status.DRAFT, Status.CHANGES_REQUESTED))
    @rule(recalls=st.booleans())
    def hand_in(self, recalls):
        self.act("submit", "alice")
        if recalls:
            self.act("recall", "alice")

    @precondition(lambda self: self.article().status in (Status.IN_REVIEW, Status.APPROVED))
    @rule()
    def send_back(self):
        self.act("request_changes", "bob", note="Once more.")

    @precondition(lambda self: self.article().status not in (Status.APPROVED, Status.PARKED))
    @rule()
    def put_aside(self):
        self.act("park", "alice", note="Not now.")

    @precondition(lambda self: self.live()[0] is not None)
    @rule()
    def start_from_what_readers_see(self):
        self.start_over()

    def start_over(self):
        intent, text = self.live()
        self.save(text.words, "alice", parent=self.edition(intent).revision)
        if text.words != self.working.words:
            self.working = self.life.text(text.words, text)

    # Rules: publishing -------------------------------------------------------------------------

    @precondition(lambda self: not self.withdrawn())
    @rule(names=st.sets(st.sampled_from(FIELDS), min_size=1, max_size=2), kind=st.sampled_from(Kind), fix=st.booleans())
    def publish(self, names, kind, fix):
        if fix and self.live()[0]:
            self.start_over()
        names = names - {"headline"} or {"kicker"} if kind == Kind.MINOR else names
        self.write(names, "alice")
        self.approve()
        verb, asked = "publish", {}
        if self.live()[0]:
            same_headline = self.live()[1].words["headline"] == self.working.words["headline"]
            verb = {Kind.CORRECTION: "correct", Kind.MINOR: "minor" if same_headline else "update"}.get(kind, "update")
            asked = {"notice": "It was wrong."} if verb == "correct" else {}
        self.try_at_once(verb, "bob", **asked)

    @precondition(lambda self: not self.withdrawn())
    @rule(names=st.sets(st.sampled_from(FIELDS), min_size=1, max_size=2), ahead=AHEAD, lasts=st.none() | AHEAD)
    def schedule(self, names, ahead, lasts):
        """A time is typed as clocks show it; when they are put back, the earlier of two is meant."""
        self.write(names, "alice")
        self.approve()
        typed = (self.now + ahead).astimezone(BERLIN).replace(tzinfo=None)
        starts = moments_of(typed)[0].astimezone(UTC)
        expires = starts + lasts if lasts else None
        asked = {"starts_at": starts.astimezone(BERLIN), "expires_at": expires and expires.astimezone(BERLIN)}
        if starts > self.now:
            self.try_new("schedule", "bob", starts=starts, expires=expires, at_once=False, **asked)

    @precondition(lambda self: not self.withdrawn())
    @rule(names=st.sets(st.sampled_from(FIELDS), min_size=1, max_size=2))
    def emergency(self, names):
        self.write(names, "alice")
        if self.article().status == Status.PARKED:
            self.act("resume", "alice")
        asked = {"note": "The dam breaks.", "password": PASSWORD}
        intent = self.try_at_once("emergency", "charlie", **asked)
        if intent:
            self.owed.append((intent, self.life.key(self.working)))

    @precondition(lambda self: self.owed)
    @rule(vouched=st.booleans())
    def review(self, vouched):
        review = self.article().emergency_reviews.filter(closed_at=None).order_by("pk").first()
        intent, _words = self.owed.pop(0)
        assert review.edition_id == intent.pk
        shown = dict(self.life.row()[0]).get(intent, intent.text)
        self.act("review", "carol", review=review, verdict="right" if vouched else "wrong", note="Read it.")
        if vouched:
            self.life.approved.add(self.life.key(shown))

    # Rules: moving what waits --------------------------------------------------------------------

    @precondition(lambda self: self.ahead() or self.held())
    @rule(data=st.data())
    def cancel(self, data):
        intent = data.draw(st.sampled_from(self.ahead() + self.held()))
        self.act("cancel", "berta", edition=self.edition(intent))
        self.take_away(intent)

    def take_away(self, intent):
        self.life.intents.remove(intent)
        self.owed = [(owed, words) for owed, words in self.owed if owed is not intent]

    @precondition(lambda self: self.ahead())
    @rule(data=st.data())
    def undo(self, data):
        intent = data.draw(st.sampled_from(self.ahead()))
        just_published = intent.starts - intent.created <= self.undo_time
        try:
            self.act("undo", intent.by, edition=self.edition(intent))
        except Refused:
            assert not just_published
        else:
            assert just_published
            self.take_away(intent)

    @precondition(lambda self: self.ahead() and not self.withdrawn())
    @rule(data=st.data())
    def bring_forward(self, data):
        intent = data.draw(st.sampled_from(self.ahead()))
        edition = self.edition(intent)
        self.try_move(intent, lambda i: setattr(i, "starts", self.now), lambda: self.act("now", "bob", edition=edition))

    @precondition(lambda self: self.ahead())
    @rule(data=st.data())
    def hold(self, data):
        intent = data.draw(st.sampled_from(self.ahead()))
        self.act("hold", "berta", edition=self.edition(intent), note="Wait for the verdict.")
        intent.held = True

    @precondition(lambda self: self.held() and not self.withdrawn())
    @rule(data=st.data(), ahead=AHEAD)
    def release(self, data, ahead):
        intent = data.draw(st.sampled_from(self.held()))
        starts = self.now + ahead
        if intent.expires and intent.expires <= starts:
            return

        def change(held):
            held.held, held.starts = False, starts

        edition = self.edition(intent)
        self.try_move(intent, change, lambda: self.act("release", "bob", held_edition=edition, starts_at=starts))

    @precondition(lambda self: any(i.starts <= self.now for i, _ in self.life.row()[0]))
    @rule(data=st.data())
    def what_began_is_not_cancelled(self, data):
        intent = data.draw(st.sampled_from([i for i, _ in self.life.row()[0] if i.starts <= self.now]))
        with pytest.raises(Refused):
            self.act("cancel", "bob", edition=self.edition(intent))

    @precondition(lambda self: any(i.starts < self.now for i, _ in self.life.row()[0]))
    @rule(data=st.data())
    def hide_and_show_in_the_history(self, data):
        intent = data.draw(st.sampled_from([i for i, _ in self.life.row()[0] if i.starts < self.now]))
        edition = self.edition(intent)
        if edition.history_hidden:
            self.act("unhide", "charlie", past_edition=edition)
        else:
            self.act("hide", "charlie", past_edition=edition, notice="It named a child.")

    # Rules: withdrawing --------------------------------------------------------------------------

    @precondition(lambda self: not self.withdrawn() and self.life.row()[0])
    @rule(by=st.sampled_from(["charlie", "carol"]))
    def withdraw(self, by):
        self.act("withdraw", by, notice="Wrong.", reason="error")
        self.hidden.append([self.now, None])
        self.withdrew = by
        self.remember(self.now)

    @precondition(lambda self: self.withdrawn())
    @rule()
    def reinstate(self):
        with pytest.raises(Refused):
            self.act("reinstate", self.withdrew)
        self.act("reinstate", "carol" if self.withdrew == "charlie" else "charlie")
        self.hidden[-1][1] = self.now
        self.remember(self.now)

    # What must hold --------------------------------------------------------------------------

    @rule()
    def readers_see_what_the_model_says_at_every_instant(self):
        for moment in self.instants:
            self.compare(moment)

    @invariant()
    def readers_see_now_what_the_model_says(self):
        if self.traveller:
            self.compare(self.now)

    def compare(self, moment):
        seen = list(Edition.objects.live_at(moment).values(*FIELDS))
        believed = self.believed_at(moment)
        assert seen == ([believed] if believed else []), (moment, seen, believed)

    @invariant()
    def spans_never_overlap(self):
        spans = Edition.objects.exclude(live_from=None).order_by("live_from").values_list("live_from", "live_until")
        for (_, until), (following, _) in pairwise(spans):
            assert until is not None and until <= following

    @invariant()
    def what_is_shown_is_compiled_from_its_revision(self):
        for edition in Edition.objects.select_related("revision", "body"):
            assert {name: getattr(edition, name) for name in FIELDS} == {
                name: edition.revision.content[name] for name in FIELDS
            }

    @rule()
    def the_log_tells_the_present_state(self):
        article, told = self.article(), replay(self.article())
        assert told.status == article.status
        assert told.withdrawn == self.withdrawn()
        assert told.editions == {edition.pk: edition.intent() for edition in article.editions.all()}
        assert told.hidden == set(article.editions.exclude(history_hidden="").values_list("pk", flat=True))


@pytest.mark.parametrize(("lives", "steps"), [(15, 25), pytest.param(200, 60, marks=pytest.mark.drill, id="long")])
@pytest.mark.django_db
def test_what_is_live_equals_the_models_answer_at_every_instant(lives, steps, settings, monkeypatch):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr(guards.throttle, "allow", lambda *limits: True)
    run_state_machine_as_test(Newsroom, settings=run_settings(lives, steps))


def run_settings(lives, steps):
    return settings(
        max_examples=lives, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
    )
