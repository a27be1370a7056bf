"""A token is good for one purpose, for a time, and only as it was made."""

from datetime import UTC, datetime, timedelta

import time_machine
from pytest import mark, raises

from newsroom.lib import tokens

DAY = timedelta(days=1)


def test_a_token_gives_back_what_it_was_made_of():
    assert tokens.read("leave", tokens.make("leave", [7, "x"])) == [7, "x"]


def test_a_token_of_another_purpose_is_refused():
    with raises(tokens.Invalid):
        tokens.read("erase", tokens.make("leave", 7))


def test_a_token_gets_too_old():
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False) as clock:
        token = tokens.make("leave", 7)
        clock.shift(DAY)
        assert tokens.read("leave", token, max_age=DAY) == 7
        clock.shift(timedelta(seconds=1))
        with raises(tokens.Expired):
            tokens.read("leave", token, max_age=DAY)
        assert tokens.read("leave", token) == 7


def test_every_single_changed_character_is_noticed():
    token = tokens.make("leave", 7)
    for at, character in enumerate(token):
        with raises(tokens.Invalid):
            tokens.read("leave", token[:at] + ("B" if character == "A" else "A") + token[at + 1 :])


@mark.parametrize("nonsense", ["", ".", "..", "a.b.c", "é.ü.ß", "\0", "\ud800", "x" * 100_000, "W10.1.x", "{}"])
def test_nonsense_is_refused(nonsense):
    with raises(tokens.Invalid):
        tokens.read("leave", nonsense)


def test_a_token_fits_an_address_without_quoting():
    assert set(tokens.make("leave", ["ä", 1])) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
    )


def test_tokens_outlive_a_change_of_key_that_keeps_the_old_one_as_fallback(settings):
    token = tokens.make("leave", 7)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert tokens.read("leave", token) == 7
    settings.SECRET_KEY_FALLBACKS = []
    with raises(tokens.Invalid):
        tokens.read("leave", token)
