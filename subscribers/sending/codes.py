"""Whether an address is gone or a mail just was not taken, by what a mail server said about it.

Only what is about the mailbox itself counts as hard: a server that dislikes the sender, the content or the hour
(5.7.x and the like) says nothing about the address, and refuses everybody's mail at once.
"""

import re

from subscribers.states import BounceKind


def any_of(*alternatives: str) -> re.Pattern[str]:
    """A pattern that finds any of these, in capitals or not."""
    return re.compile("|".join(alternatives), re.IGNORECASE)


STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")

# RFC 3463 and the registry of enhanced status codes: the address is not, and will not be.
_GONE = {(1, 1), (1, 2), (1, 3), (1, 6), (1, 10)}
# About the sender, the content, the size, the load: the mailbox may be there.
_NOT_THE_ADDRESS = {(1, 7), (1, 8), (1, 9), (2, 2), (2, 3), (3, 4), (4, 5), (4, 6), (4, 7), (5, 3)}

_FULL = any_of(
    r"quota",
    r"(?:mail)?box(?: is|'s)? (?:\w+ )?full",
    r"mailfolder is full",
    r"exceeded storage",
    r"insufficient (?:disk|system storage)",
    r"not enough (?:disk|storage)",
    r"too (?:large|big)",
    r"size limit",
    r"exceeds? .{0,20}(?:size|limit)",
    r"disk full",
    r"out of (?:disk )?space",
    r"space shortage",
    r"over the maximum allowed",
    r"容量",
    r"一杯",
    r"rate limit",
    r"at a rate that",
    r"too many",
    r"too fast",
    r"too much mail",
)
_POLICY = any_of(
    r"spam",
    r"black ?list",
    r"block(?:ed|list)",
    r"\bdnsbl\b",
    r"\brbl\b",
    r"reputation",
    r"policy",
    r"polic(?:ies|ia)",
    r"virus",
    r"content reject",
    r"message reject",
    r"\bspf\b",
    r"\bdkim\b",
    r"dmarc",
    r"not authenticated",
    r"unauthenticated",
    r"authentication",
    r"relay(?:ing)? (?:access )?(?:denied|not|prohibited)",
    r"unable to relay",
    r"not permitted",
    r"access denied",
    r"banned",
    r"suspicious",
    r"prohibited",
    r"unsolicited",
    r"reverse (?:dns|hostname)",
    r"\bptr\b",
    r"rejected due to",
    r"client host",
    r"sender (?:address|rejected|denied)",
    r"sender domain",
    r"domain of sender",
    r"unroutable sender",
    r"not allowed to send",
    r"restricted",
    r"moderat",
    r"\btls\b",
    r"delivery not authorized",
    r"no such domain (?:as )?in sender",
)
_FOR_NOW = any_of(
    r"temporar",
    r"try again",
    r"try later",
    r"tr(?:y|ies) .{0,12}later",
    r"timed? ?out",
    r"time-?out",
    r"connection (?:refused|reset|lost|dropped)",
    r"grey ?list",
    r"deferred",
    r"unreachable",
    r"no route to host",
    r"network (?:error|problem)",
    r"loop",
    r"too many hops",
    r"hop count",
    r"expired",
    r"too old",
    r"been in the queue too long",
    r"not responding",
    r"could not be contacted",
    r"overload",
    r"system error",
    r"internal error",
    r"retry time",
)
_UNKNOWN = any_of(
    r"(?:user|account|recipient|mailbox|address|addressee|userid|login|customer|person|alias|member)s?(?:\b.{0,60})?"
    r"\b(?:unknown|not (?:found|exist|known|valid|listed|available|active)|(?:does|do|did)(?:n[o']t| not) exist"
    r"|invalid|inactive|disabled|no longer|deactivated|terminated|has been (?:closed|removed))",
    r"(?:unknown|no such|invalid|bad|non-?existent|unrouteable|unrecognized|undefined|inactive|illegal|disabled)"
    r" (?:final delivery )?(?:\w+ )?"
    r"(?:user|userid|account|recipient|mailbox|address|destination|person|domain|host|local|alias|name)",
    r"no (?:mailbox|account|user|such|mail ?box|one) (?:here|by|with|for|of|at|found|\w+ here)",
    r"no such (?:user|person|mailbox|recipient|address|account)",
    r"not? a valid",
    r"doesn'?t have an? .{0,40}account",
    r"(?:host|domain|name)(?:\b.{0,40})? (?:not found|unknown|does not exist|nxdomain)",
    r"not our customer",
    r"unable to find",
    r"isn'?t (?:in|listed)",
    r"not listed in",
    r"cannot find",
    r"couldn'?t find",
    r"not in my",
    r"user not",
    r"no longer (?:valid|available|active|on|employed|accept|in use|works?)",
    r"unrouteable (?:mail )?(?:address|domain)",
    r"has moved",
    r"dead account",
    r"doesn'?t exist",
    r"mailbox unavailable",
    r"unknown local",
    r"bad destination",
    r"null ?mx",
    r"does not accept mail",
    r"recipnotfound",
    r"recipients? .{0,20}invalid",
    r"not exist",
    r"user invalid",
    r"unknown to",
    r"name is not recogni[sz]ed",
    r"no matches to nameserver",
    r"n'existe pas",
    r"リストにありません",
    r"no mx record",
    r"indicated no smtp service",
    r"no valid recipients",
    r"final email delivery point",
)


def status_in(text: str) -> str:
    """The first enhanced status code of a failure in `text` (RFC 3463), such as "5.1.1"; "" where there is none."""
    for found in STATUS.finditer(text):
        if found[1] != "2":
            return found[0]
    return ""


def kind_of(status: str, text: str) -> BounceKind:
    """HARD if the address will never take mail, else SOFT. `text` is what the server said, with its reply code."""
    found = STATUS.search(status)
    if found:
        of_class, detail = found[1], (int(found[2]), int(found[3]))
        if of_class == "4":
            return BounceKind.SOFT
        if detail in _GONE:
            return _unless_full(text)
        if detail in _NOT_THE_ADDRESS or detail[0] == 7:
            return BounceKind.SOFT
    return BounceKind.HARD if _says_unknown(text) else BounceKind.SOFT


def _unless_full(text: str) -> BounceKind:
    """Some servers say 5.1.1 of whatever they do not take."""
    return BounceKind.SOFT if _FULL.search(text) and not _UNKNOWN.search(text) else BounceKind.HARD


def _says_unknown(text: str) -> bool:
    """Whether a line says that there is no such mailbox, and does not also say why it may be there."""
    if re.match(r"\s*4\d\d[ -]", text):
        return False
    lines = [line for line in text.splitlines() if _UNKNOWN.search(line)]
    return any(not (_FULL.search(line) or _FOR_NOW.search(line) or _POLICY.search(line)) for line in lines)
