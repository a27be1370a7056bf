"""One worker of several dies in the middle of a publication: the others must not go on showing what was before."""

import time
from contextlib import suppress

import pytest

from articles.models import Edition
from newsroom.models import SiteSettings
from newsroom.testing import client_of, make_user
from newsroom.tests.faults.acts import Publish
from newsroom.tests.faults.editor import Editor, Gone
from newsroom.tests.faults.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)

# Until another worker stands in for the dead one, and for as long as it takes to be sure.
PATIENCE, READERS = 30, 20


def seen_by_readers(served, path):
    """What so many readers get, each on a connection of their own, so that each worker is asked.

    A connection to the worker that dies may be cut: browsers ask again then.
    """
    pages = []
    while len(pages) < READERS:
        reader = Editor(served.port)
        with suppress(Gone):
            pages.append(reader.get(path).page)
        reader.close()
    return pages


def test_a_worker_that_dies_when_an_update_is_stored_leaves_no_page_as_it_was_before(make_served):
    SiteSettings(undo_seconds=0).save()
    served = make_served(workers=2, application="newsroom.tests.faults.mortal:application")
    served.start()
    desk = make_user("bob", "section editor")
    editor = Editor(served.port, {"sessionid": client_of(desk).cookies["sessionid"].value})
    update = Publish(editor, make_user("alice", "reporter"), desk)
    update.make_ready()
    assert update.fire().status == 302
    path = Edition.objects.get().path
    update.make_ready()
    before = seen_by_readers(served, path)
    with pytest.raises(Gone):
        update.fire(Die_At="commit")
    assert update.outcome() == "done"
    headline = Edition.objects.latest("pk").headline
    assert not any(headline in page for page in before)
    deadline = time.monotonic() + PATIENCE
    while not all(headline in page for page in seen_by_readers(served, path)):
        assert time.monotonic() < deadline, "Readers still meet the page as it was before the update."
        time.sleep(0.2)
    assert broken() == []
