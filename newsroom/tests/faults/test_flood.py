"""A flood of comments over real HTTP: from one address and from many, nothing of it is shown, and others are served."""

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import make_password

from articles.factories import make_live
from bench import flood
from comments.models import Comment, ModerationAction, Opening
from comments.states import WAITING, Mode, State
from newsroom.models import User
from newsroom.testing import make_user
from newsroom.tests.faults.editor import Editor
from newsroom.tests.faults.served import let_go

pytestmark = pytest.mark.django_db(transaction=True)

log = logging.getLogger(__name__)

PASSWORD = "a long enough password"
LONG = pytest.param(2_000, 200, marks=pytest.mark.drill, id="long")


@pytest.fixture
def site(make_served):
    """Behind one proxy, whose word on where a request comes from is taken."""
    served = make_served()
    served.environment["PROXIES"] = "1"
    served.start()
    return served


@pytest.fixture
def moderator() -> User:
    return make_user("erik", "moderator", password=make_password(PASSWORD))


def look_meanwhile(site, path: str, pages: dict[str, Editor], flood_of) -> tuple[Counter[int], dict[str, list[int]]]:
    """The answers to a flood, and those that a reader and a moderator got while it came in."""
    seen: dict[str, list[int]] = {name: [] for name in pages}
    with ThreadPoolExecutor(1) as sender:
        answers = sender.submit(flood_of)
        while True:
            for name, editor in pages.items():
                seen[name].append(editor.get(path if name == "reader" else flood.QUEUE).status)
            if answers.done():
                return answers.result(), seen


@pytest.mark.parametrize(
    ("posts", "networks"), [(60, 1), (60, 30), pytest.param(2_000, 1, marks=pytest.mark.drill), LONG]
)
@pytest.mark.parametrize("mode", [Mode.PRE, Mode.TRUSTED])
def test_nothing_of_a_flood_is_shown_and_readers_and_moderators_are_served(site, moderator, mode, posts, networks):
    edition = make_live()
    Opening.objects.create(article=edition.article, mode=mode)
    at_desk = Editor(site.port)
    at_desk.sign_in("erik", PASSWORD)
    let_go()
    pages = {"reader": Editor(site.port), "moderator": at_desk}
    answers, seen = look_meanwhile(
        site, edition.path, pages, lambda: flood.send(site.port, edition.path, posts, networks)
    )
    log.info("%d posts from %d networks: %s", posts, networks, dict(answers))
    assert site.troubles() == []
    # Ten from each network, and every answer is one that a person could read.
    kept = min(posts, 10 * networks)
    assert answers == Counter({303: kept, 429: posts - kept}) - Counter()
    assert Comment.objects.count() == kept
    assert not Comment.objects.exclude(state__in=WAITING).exists()
    assert ModerationAction.objects.filter(to_state=State.PUBLISHED).count() == 0
    assert {status for statuses in seen.values() for status in statuses} == {200}
    # What came in behind the first sixty, and those that were on their way, is looked at twice whatever it says.
    late = Comment.objects.order_by("pk")[80:]
    assert all("busy" in [sign["name"] for sign in comment.signals] for comment in late)
