"""Where a comment came from is forgotten after thirty days."""

from datetime import timedelta

import pytest

from articles.factories import make_live
from comments.factories import make_comment
from comments.jobs import forget_networks
from newsroom.lib import clock

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("days, kept", [(29, True), (31, False)])
def test_the_network_is_forgotten_after_thirty_days_and_the_comment_stays(days: int, kept: bool) -> None:
    comment = make_comment(make_live(), created_at=clock.now() - timedelta(days=days), address_hmac="abc")
    forget_networks.call_local()
    comment.refresh_from_db()
    assert bool(comment.address_prefix) == bool(comment.address_hmac) == kept
    assert comment.body
