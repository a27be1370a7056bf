"""`kill -9` of the web server in the middle of a save, a publication, a schedule: it happened wholly, or not at all."""

import logging
import random
import time
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from statistics import median

import pytest

from newsroom.models import SiteSettings
from newsroom.testing import client_of, make_user
from newsroom.tests.faults.acts import ACTS
from newsroom.tests.faults.editor import Editor, Gone
from newsroom.tests.faults.invariants import broken
from newsroom.tests.faults.served import let_go

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("name", ACTS)]

log = logging.getLogger(__name__)


class Scene:
    """One article, one editor, and a server that dies again and again under them."""

    def __init__(self, served, name):
        SiteSettings(undo_seconds=0).save()
        self.served = served
        served.start()
        desk = make_user("bob", "section editor")
        self.editor = Editor(served.port, {"sessionid": client_of(desk).cookies["sessionid"].value})
        self.act = ACTS[name](self.editor, make_user("alice", "reporter"), desk)
        self.outcomes = Counter()
        self.usual = deque(maxlen=5)

    def undisturbed(self, **headers):
        """The act as it goes on any other day."""
        self.act.make_ready()
        return self._done(**headers)

    def _done(self, **headers):
        answer = self.act.fire(**headers)
        assert (answer.status, self.act.outcome()) == (302, "done"), answer.page[:2000]
        self.usual.append(answer.seconds)
        return answer

    def killed_after(self, seconds):
        """The server dies so long after the request was sent."""
        self.act.make_ready()
        let_go()
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(self._fired)
            time.sleep(seconds)
            self.served.kill()
            self.pick_up(sent.result(), f"killed after {seconds * 1000:.1f} ms")

    def killed_at(self, step):
        """The server dies at this step of the database. Whether it did: the request may have fewer steps."""
        self.act.make_ready()
        let_go()
        answer = self._fired(Die_At=str(step))
        if answer is None:
            self.served.wait_until_dead()
        else:
            self.served.kill()
        self.pick_up(answer, f"killed at step {step}")
        return answer is None

    def _fired(self, **headers):
        try:
            return self.act.fire(**headers)
        except Gone:
            return None

    def pick_up(self, answer, how):
        """Start again and see what is left. What was not done can be done now."""
        self.editor.close()
        self.served.start()
        outcome = self.act.outcome()
        assert outcome in ("done", "not done"), f"Half done, {how}: {outcome}"
        assert answer is None or outcome == "done", f"Answered as done, and it is not, {how}"
        assert broken() == [], how
        assert self.served.troubles() == [], how
        self.outcomes[outcome] += 1
        if outcome == "not done":
            self._done()
            assert broken() == [], how


@pytest.fixture
def scene(make_served, name):
    """A server with one worker, which is the one that a request is in."""
    return Scene(make_served(workers=1, application="newsroom.tests.faults.mortal:application"), name)


def at_random(scene, rounds):
    """Die anywhere between sending and a little after the answer: what was answered must not be taken back."""
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    for _warm_up in range(3):
        scene.undisturbed()
    for _round in range(rounds):
        scene.killed_after(chance.uniform(0, median(scene.usual) * 1.2))
    log.info("seed %d, killed at random: %s", seed, dict(scene.outcomes))


def test_a_server_killed_in_the_middle_leaves_nothing_half_done(scene):
    at_random(scene, 2)
    steps = int(scene.undisturbed(Die_At="never").headers["Steps"])
    for step in (steps // 2, steps - 1, steps):  # on the way, and around the last commit
        scene.killed_at(step)


@pytest.mark.drill
def test_a_server_killed_again_and_again_leaves_nothing_half_done(scene):
    at_random(scene, 60)
    assert scene.outcomes["done"] and scene.outcomes["not done"], "It was always killed too early, or too late."


@pytest.mark.drill
def test_a_server_killed_at_each_step_of_the_database_leaves_nothing_half_done(scene):
    scene.undisturbed()
    survived = next(step for step in count(1) if not scene.killed_at(step))
    log.info("killed at each of %d steps: %s", survived - 1, dict(scene.outcomes))
    assert scene.outcomes["done"] and scene.outcomes["not done"], "No step lay before the commit, or none after it."
