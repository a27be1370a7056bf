"""Whose request is it: forged headers are not believed."""

import time_machine
from django.test import RequestFactory
from pytest import mark

from newsroom.lib.addresses import client_address, fingerprint, prefix


def asked(remote: str, forwarded: str | None = None):
    headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    return RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote)


def test_without_proxies_the_header_is_never_believed(settings):
    settings.PROXIES = 0
    assert client_address(asked("192.0.2.7", "203.0.113.9")) == "192.0.2.7"


@mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1, 203.0.113.9", "203.0.113.9"),  # the first is the client's own invention
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "203.0.113.9"),  # went past the outer proxy
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, "[2001:db8::7]:4711", "2001:db8::7"),
        (1, "2001:DB8:0::7", "2001:db8::7"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "unknown", "192.0.2.7"),
        (1, "203.0.113.9, ", "203.0.113.9"),
        (1, "", "192.0.2.7"),
        (1, None, "192.0.2.7"),
        (1, "<script>", "192.0.2.7"),
    ],
)
def test_only_what_our_own_proxies_appended_is_believed(settings, proxies, forwarded, address):
    settings.PROXIES = proxies
    assert client_address(asked("192.0.2.7", forwarded)) == address


def test_a_request_by_unix_socket_has_no_address(settings):
    settings.PROXIES = 0
    assert client_address(asked("")) == ""


@mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_the_prefix_names_the_network_and_not_the_person(address, network):
    assert prefix(address) == network


def test_a_fingerprint_is_the_same_for_one_network_and_differs_for_another():
    assert fingerprint("2001:db8:1:2::3") == fingerprint("2001:db8:1:ffff::1")
    assert fingerprint("2001:db8:1:2::3") != fingerprint("2001:db8:2:2::3")
    assert fingerprint("") == ""


def test_a_fingerprint_rotates_and_the_last_one_can_still_be_asked_for():
    with time_machine.travel("2026-01-01", tick=False):
        before = fingerprint("203.0.113.9")
    with time_machine.travel("2026-01-31", tick=False):
        assert fingerprint("203.0.113.9") != before
        assert fingerprint("203.0.113.9", periods_ago=1) == before
