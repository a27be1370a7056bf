"""Whether an address is gone or a mail just was not taken, by what a mail server said about it.

Only what is about the mailbox itself counts as hard: a server that dislikes the sender, the content or the hour
(5.7.x and the like) says nothing about the address, and refuses everybody's mail at once.
"""

import re

from subscribers.states import BounceKind

STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")

# RFC 3463 and the registry of enhanced status codes: the address is not, and will not be.
_GONE = {(1, 1), (1, 2), (1, 3), (1, 6), (1, 10)}
# About the sender, the content, the size, the load: the mailbox may be there.
_NOT_THE_ADDRESS = {(1, 7), (1, 8), (1, 9), (2, 2), (2, 3), (3, 4), (4, 5), (4, 6), (4, 7), (5, 3)}

_FULL = re.compile(
    r"quota|(mail)?box(?: is|'s)? (?:\w+ )?full|mailfolder is full|exceeded storage|insufficient (?:disk|system storage)"
    r"|not enough (?:disk|storage)|too (?:large|big)|size limit|exceeds? .{0,20}(?:size|limit)|disk full|out of (?:disk )?space"
    r"|space shortage|over the maximum allowed|容量|rate limit|too many|too fast|too much mail",
    re.IGNORECASE,
)
_POLICY = re.compile(
    r"spam|black ?list|block(?:ed|list)|\bdnsbl\b|\brbl\b|reputation|policy|polic(?:ies|ia)|virus|content reject|message reject"
    r"|\bspf\b|\bdkim\b|dmarc|not authenticated|authentication|relay(?:ing)?|not permitted|access denied|banned|suspicious"
    r"|prohibited|unsolicited|reverse (?:dns|hostname)|\bptr\b|rejected due to|client host|sender (?:address|rejected|denied)"
    r"|(?:envelope )?sender domain|not allowed to send|restricted|moderat|\btls\b|delivery not authorized",
    re.IGNORECASE,
)
_FOR_NOW = re.compile(
    r"temporar|try again|try later|tr(?:y|ies) .{0,12}later|timed? ?out|time-?out|connection (?:refused|reset|lost|dropped)"
    r"|grey ?list|deferred|unreachable|no route to host|network (?:error|problem)|loop|too many hops|hop count|expired"
    r"|too old|been in the queue too long|not responding|could not be contacted|overload|system error|internal error"
    r"|network is|retry time",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"(?:user|account|recipient|mailbox|address|addressee|userid|login|customer|person|alias|member)s?(?:\b.{0,60})?"
    r"\b(?:unknown|not (?:found|exist|known|valid|listed|available|active)|(?:does|do|did)(?:n[o']t| not) exist"
    r"|invalid|inactive|disabled|no longer|deactivated|terminated|undeliverable|has been (?:closed|removed))"
    r"|(?:unknown|no such|invalid|bad|non-?existent|unrouteable|unrecognized|undefined|inactive|illegal|disabled)"
    r" (?:\w+ )?(?:user|account|recipient|mailbox|address|destination|person|domain|host|local|alias|name)"
    r"|no (?:mailbox|account|user|such|mail ?box|one) (?:here|by|with|for|of|at|found|\w+ here)|no such|not? a valid"
    r"|doesn'?t have an? .{0,40}account|(?:host|domain|name)(?:\b.{0,40})? (?:not found|unknown|does not exist|nxdomain)"
    r"|not our customer|unable to find|isn'?t (?:in|listed)|not listed in|cannot find|couldn'?t find|not in my|user not"
    r"|no longer (?:valid|available|active|on|employed|accept|in use|works?)|unrouteable|vrfy|has moved|dead account"
    r"|doesn'?t exist|mailbox unavailable|unknown local|bad destination|nullmx|null mx|does not accept mail|recipnotfound"
    r"|all recipients? .{0,20}invalid|not known|not exist|user invalid|unknown to",
    re.IGNORECASE,
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
            return BounceKind.HARD if detail[0] == 7 and _says_unknown(text) else BounceKind.SOFT
    return BounceKind.HARD if _says_unknown(text) else BounceKind.SOFT


def _unless_full(text: str) -> BounceKind:
    """Some servers say 5.1.1 of whatever they do not take."""
    return BounceKind.SOFT if _FULL.search(text) and not _UNKNOWN.search(text) else BounceKind.HARD


def _says_unknown(text: str) -> bool:
    if _FULL.search(text) or re.match(r"\s*4\d\d[ -]", text):
        return False
    unknown = _UNKNOWN.search(text)
    return bool(unknown) and not (_FOR_NOW.search(text) or _POLICY.search(text))
