"""Work that a browser does before a suspicious comment is read: a reader waits a second, a flood costs its sender.

Self-hosted: the challenge is made and checked here (altcha, SHA-256), solved by the page's own script. A challenge
names its article, is signed, and is good for a few minutes; a solution is good once, in all processes.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from altcha import ChallengeOptionsV1, create_challenge_v1, extract_params_v1, verify_solution_v1
from django.utils.crypto import salted_hmac

from newsroom.lib import throttle

GOOD_FOR = timedelta(minutes=5)
# Half of them are tried on average: half a second in a computer's browser, a few in an old phone's.
NUMBERS = 60_000
# What a script sends that cannot solve any: pages without HTTPS have no WebCrypto.
UNABLE = "-"
LONGEST = 2_000
FIELDS = {"algorithm": str, "challenge": str, "number": int, "salt": str, "signature": str}


@dataclass(frozen=True)
class Proof:
    """What came with a comment: whether the work was done, else whether its sender can be asked to do it."""

    solved: bool = False
    able: bool = False


def ask(article_id: int) -> dict[str, Any]:
    """A challenge for a comment on this article, as the page's script takes it."""
    expires = datetime.now(UTC) + GOOD_FOR
    options = ChallengeOptionsV1(
        max_number=NUMBERS, hmac_key=_key(), expires=expires, params={"article": str(article_id)}
    )
    return dict(create_challenge_v1(options).to_dict())


def accept(solution: str, article_id: int) -> bool:
    """Whether `solution`, as the script sends it, solves a challenge of this article. It is used up by that."""
    found = _read(solution)
    if found is None or extract_params_v1(found).get("article") != [str(article_id)]:
        return False
    if not verify_solution_v1(found, _key())[0]:
        return False
    # By the challenge: one solution can be written down in several ways.
    return throttle.allow(f"comments:proof:{found['challenge']}", 1, int(GOOD_FOR.total_seconds()) + 60)


def _read(solution: str) -> Any:
    """The solution's fields, of the types that they must have; None for anything else."""
    if not solution or len(solution) > LONGEST:
        return None
    try:
        found = json.loads(base64.b64decode(solution, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or any(type(found.get(name)) is not kind for name, kind in FIELDS.items()):
        return None
    return found


def _key() -> str:
    return salted_hmac("comments.proof", "challenge", algorithm="sha256").hexdigest()
