"""Fixtures that every test may name."""

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
