"""Fixtures that every test may name."""

import pytest

from newsroom.testing import (  # noqa: F401
    adam,
    alice,
    anton,
    berta,
    bob,
    charlie,
    dora,
    erik,
    mallory,
    nora,
    nothing_kept,
    root,
)
from newsroom.tests.browser import browser, page  # noqa: F401
from newsroom.tests.sites import empty_site, prepared  # noqa: F401


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Drills take as long as they take."""
    for item in items:
        if item.get_closest_marker("drill"):
            item.add_marker(pytest.mark.timeout(0))
