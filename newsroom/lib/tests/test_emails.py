"""Which addresses are accepted, and when two are the same."""

import os
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from django.core.exceptions import ValidationError
from pytest import mark, raises, skip

from newsroom.lib.emails import mailbox, mailbox_key, parse


@mark.parametrize(
    ("one", "other"),
    [
        ("Reader@Example.org", "reader@example.org"),
        ("  reader@example.org\n", "reader@example.org"),
        ("a@MÜNCHEN.de", "a@xn--mnchen-3ya.de"),
        ("a@mu\u0308nchen.de", "a@münchen.de"),  # composed and not
        ("a@faß.de", "a@xn--fa-hia.de"),  # IDNA 2008: not fass.de
        ("a@ｅｘａｍｐｌｅ.org", "a@example.org"),
        ("a@example。org", "a@example.org"),
    ],
)
def test_spellings_of_one_address_are_the_same(one, other):
    assert parse(one).norm == parse(other).norm


@mark.parametrize(
    ("one", "other"),
    [
        ("reader+news@example.org", "reader@example.org"),
        ("rea.der@example.org", "reader@example.org"),
        ("a@faß.de", "a@fass.de"),
        ("a@ex\u0430mple.org", "a@example.org"),  # a Cyrillic letter
    ],
)
def test_addresses_that_may_be_other_mailboxes_are_not_the_same(one, other):
    assert parse(one).norm != parse(other).norm


@mark.parametrize(
    "text",
    [
        "",
        "reader",
        "reader＠example.org",
        "re\u0430der@example.org",
        "jürgen@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org\nb@example.org",
        "a@example.org%0aBcc:b@example.org",
        "a\u2028@example.org",
        "a@exam\u2028ple.org",
        "a@example.org,b@example.org",
        "A <a@example.org>",
        '"a b"@example.org',
        "a@[127.0.0.1]",
        "a@localhost",
        "a@printer.local",
        "a@127.0.0.1",
        "a\0@example.org",
        "a@\ud800.org",
        "a\u202e@example.org",
        "x" * 65 + "@example.org",
        "a@" + ".".join(["x" * 60] * 5) + ".org",
    ],
)
def test_what_cannot_be_mailed_is_refused_with_a_sentence(text):
    with raises(ValidationError) as refusal:
        parse(text)
    assert refusal.value.messages[0].endswith(".")


def test_percent_signs_are_letters_and_never_line_breaks():
    assert parse("a%0ab@example.org").norm == "a%0ab@example.org"


def test_a_mail_goes_to_the_name_as_typed_and_the_domain_in_ascii():
    email = parse("Reader@München.de")
    assert mailbox(email.typed, email.norm) == "Reader@xn--mnchen-3ya.de"


def test_counting_for_a_mailbox_sees_through_tags_and_dots():
    assert mailbox_key("rea.der+x@example.org") == mailbox_key("reader@example.org")
    assert mailbox_key("reader@example.org") != mailbox_key("reader@example.net")


# Where we judge otherwise than isemail, and why.
WE_REFUSE = {
    "ISEMAIL_VALID": {"test@io": "a domain without a dot is a slip of typing"},
    # Quoted and commented forms are legal; in a newsletter's form they are attacks or accidents.
    "ISEMAIL_CFWS_COMMENT": "all",
    "ISEMAIL_RFC5321_QUOTEDSTRING": "all",
    "ISEMAIL_RFC5321_ADDRESSLITERAL": "all",
    "ISEMAIL_RFC5321_TLD": "all",
    "ISEMAIL_RFC5321_TLDNUMERIC": "all",
}
WE_TAKE = {
    # White space around an address is cut off before it is judged: it comes along when one copies.
    "ISEMAIL_CFWS_FWS",
    "ISEMAIL_DEPREC_FWS",
    "ISEMAIL_ERR_CR_NO_LF",
    "ISEMAIL_ERR_EXPECTING_ATEXT",
    "ISEMAIL_ERR_FWS_CRLF_END",
    "ISEMAIL_ERR_FWS_CRLF_X2",
    # No name server is asked while a reader waits.
    "ISEMAIL_DNSWARN_NO_MX_RECORD",
    "ISEMAIL_DNSWARN_NO_RECORD",
}


def test_verdicts_agree_with_isemail_but_for_what_is_explained():
    folder = os.environ.get("NEWSROOM_TEST_DATA")
    if not folder:
        skip("NEWSROOM_TEST_DATA names no folder with isemail's table")
    wrong = []
    for case in ElementTree.parse(Path(folder) / "addresses/isemail/tests.xml").iter("test"):
        written, diagnosis = case.findtext("address") or "", case.findtext("diagnosis") or ""
        # Control characters are written as their pictures.
        address = "".join(chr(ord(c) - 0x2400) if 0x2400 <= ord(c) <= 0x2421 else c for c in written)
        allowed = {False} | (
            {True} if diagnosis in WE_TAKE and (address != address.strip() or "DNS" in diagnosis) else set()
        )
        if diagnosis == "ISEMAIL_VALID":
            allowed = {address not in WE_REFUSE[diagnosis]}
        if _accepted(address) not in allowed:
            wrong.append((diagnosis, address))
    assert wrong == []


def _accepted(address: str) -> bool:
    try:
        parse(address)
    except ValidationError:
        return False
    return True
