"""Nobody learns from the form who is a subscriber: not by its answer, and not by how long it takes."""

import random
import time
from itertools import count

from huey.contrib.djhuey import HUEY
from pytest import fixture, mark

from subscribers import consent
from subscribers.factories import make_subscriber
from subscribers.states import ConsentKind, SubscriptionState, SuppressionReason

ROUNDS = 30
# Two groups of 30 times are told apart by chance this clearly less than once in ten million tries, and everything
# that was ever seen to give an address away (a mail sent, a query more) tells them apart every time.
TELLING = 0.38
TRIES = 3

networks = count()


@fixture(autouse=True)
def worker_elsewhere():
    """Jobs wait for a worker in another process, as in life; tests else run them on the spot."""
    HUEY.immediate = False
    yield
    HUEY.flush()
    HUEY.immediate = True


@fixture
def cast(newsletter):
    """Addresses in every state, beside one that nobody knows."""
    make_subscriber("active@example.org", newsletter)
    make_subscriber("paused@example.org", newsletter).subscriptions.update(state=SubscriptionState.PAUSED)
    make_subscriber("left@example.org", newsletter).subscriptions.update(state=SubscriptionState.UNSUBSCRIBED)
    consent.record(ConsentKind.REQUESTED, "asked@example.org", newsletter)
    consent.suppress("never@example.org", reason=SuppressionReason.COMPLAINED)
    return [f"{name}@example.org" for name in ("other", "active", "paused", "left", "asked", "never")]


def send(client, address, email, newsletter, accept="text/html"):
    data = {"email": email, "consent": newsletter.consent_texts.get().pk, "page": "/"}
    number = next(networks)
    network = f"10.{number // 250 % 250}.{number % 250}.1"
    return client.post(address, data, headers={"Accept": accept}, REMOTE_ADDR=network)


def seconds(deed):
    """Of this thread's own work, so that a busy machine adds nothing."""
    before = time.thread_time()
    deed()
    return time.thread_time() - before


def clearness(some, others):
    """How clearly two groups of times differ: 0 not at all, 0.5 always (Mann-Whitney's area, less a half)."""
    wins = sum((a > b) + (a == b) / 2 for a in some for b in others)
    return abs(wins / (len(some) * len(others)) - 0.5)


def most_telling(client, address, emails, newsletter):
    """The clearest difference between any of the addresses and the first, asked in turns and in no order."""
    times = {email: [] for email in emails}
    for _ in range(ROUNDS):
        for email in random.sample(emails, len(emails)):
            times[email].append(seconds(lambda email=email: send(client, address, email, newsletter)))
    unknown, *known = (times[email] for email in emails)
    return max(clearness(unknown, group) for group in known)


@mark.parametrize("address", ["/newsletter/", "/newsletter/preferences/"])
def test_the_time_of_an_answer_tells_nothing(client, newsletter, cast, address):
    send(client, address, "first@example.org", newsletter)  # templates and queries are made ready once
    found = [most_telling(client, address, cast, newsletter)]
    while found[-1] > TELLING and len(found) < TRIES:
        found.append(most_telling(client, address, cast, newsletter))
    assert found[-1] <= TELLING, found


def test_the_measure_tells_groups_apart_that_differ():
    assert clearness([1.0, 1.1, 1.2] * 10, [1.3, 1.4, 1.5] * 10) == 0.5
    assert clearness([1.0, 1.2, 1.4] * 10, [1.0, 1.2, 1.4] * 10) == 0


@mark.parametrize("accept", ["text/html", "application/json"])
@mark.parametrize("address", ["/newsletter/", "/newsletter/preferences/"])
def test_the_answer_tells_nothing(client, newsletter, cast, address, accept):
    seen = set()
    for email in cast:
        for spelling in (email, email.upper(), f"  {email} "):
            answer = send(client, address, spelling, newsletter, accept)
            headers = tuple(sorted((name, value) for name, value in answer.items()))
            seen.add((answer.status_code, answer.content, headers, answer.cookies.output()))
    assert len(seen) == 1


@mark.parametrize("address", ["/newsletter/", "/newsletter/preferences/"])
@mark.parametrize(
    "broken", ["{0}@example..org", "{0}@", "{0}＠example.org", "{0}@example.org%0aBcc:x", "{0} @example.org"]
)
def test_a_mistake_in_a_known_address_is_answered_like_one_in_an_unknown(client, newsletter, cast, address, broken):
    seen = set()
    for email in cast:
        name = email.partition("@")[0]
        answer = send(client, address, broken.format(name), newsletter)
        assert answer.status_code == 422
        seen.add((answer.content.replace(name.encode(), b"NAME"), answer.cookies.output()))
    assert len(seen) == 1
