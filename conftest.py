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
    fresh_cache,
    mallory,
    nora,
    root,
)
