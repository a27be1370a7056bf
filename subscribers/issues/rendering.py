"""An issue as it is sent: laid out once, for everybody, so that no template is run when it goes to many."""

import hashlib
import json
import re
import secrets
from email.utils import formataddr, parseaddr
from textwrap import wrap
from typing import Any
from urllib.parse import urlsplit

import css_inline
from django.conf import settings
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.text import Truncator

from articles import theme
from articles.links import absolute
from articles.pictures import address
from newsroom.lib.mail import one_line
from newsroom.models import SiteSettings
from subscribers.issues import intro
from subscribers.issues.blocks import Block, gather
from subscribers.models import Issue, Newsletter

SCHEMA = 1
# The links that are each recipient's own.
PERSONAL = ("unsubscribe", "preferences")
# Letters of a line of text, and of the words that mail programs show beside the subject.
LINE = 72
PREHEADER = 140
# What stays in a style sheet is what no attribute can say: dark colours, and narrow windows.
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

Content = dict[str, Any]


def content_of(issue: Issue) -> Content:
    """Everything that is sent, as JSON; `html` and `text` are parts between which the personal links stand.

    {"schema", "language", "subject", "from_email", "list_id", "address" and "archive" on the web, "automatic",
    "intro": HTML, "blocks": [Block as a dictionary], "html": ["...", {"link": "unsubscribe"}, ...], "text": likewise}

    A part that is no string is a link: whatever an editor types cannot become one. Raises what templates raise.
    """
    newsletter, site = issue.newsletter, SiteSettings.current()
    blocks = gather(issue).blocks
    with translation.override(newsletter.language):
        marks = {name: f"{secrets.token_hex(16)}-{name}" for name in PERSONAL}
        words = {**_words(issue, site, blocks), **marks}
        words["preheader"] = _preheader(words)
        html = _INLINER.inline(render_to_string("emails/newsletter-issue-body.html", words))
        text = get_template("emails/newsletter-issue-body.txt").template.render(Context(words, autoescape=False))  # type: ignore[attr-defined]
    return {
        "schema": SCHEMA,
        "language": newsletter.language,
        "subject": one_line(issue.subject),
        "from_email": sender(newsletter),
        "list_id": list_id(newsletter),
        "address": words["address"],
        "archive": words["archive"],
        "automatic": issue.is_digest,
        "intro": words["intro"],
        "blocks": [block.frozen() for block in blocks],
        "html": _parts(html, marks),
        "text": _parts(_tidy(text), marks),
    }


def hash_of(content: Content) -> str:
    """SHA-256, in hex, of the content in one canonical spelling."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def sender(newsletter: Newsletter) -> str:
    """The header From: the newsletter's own name and address, where it has them."""
    _name, usual = parseaddr(settings.DEFAULT_FROM_EMAIL)
    name = one_line(newsletter.sender_name or newsletter.name)
    return formataddr((name, newsletter.sender_address or usual))


def list_id(newsletter: Newsletter) -> str:
    """The newsletter's own List-Id, or one made of its slug and the site's name (RFC 2919)."""
    return newsletter.list_id or f"{newsletter.slug}.{urlsplit(settings.SITE_URL).hostname or 'localhost'}"


def path_of(issue: Issue) -> str:
    """The issue's address in the archive, below its newsletter's language."""
    with translation.override(issue.newsletter.language):
        return reverse("newsletter-issue", args=[issue.newsletter.slug, issue.key])


def _words(issue: Issue, site: SiteSettings, blocks: list[Block]) -> dict[str, Any]:
    newsletter = issue.newsletter
    light, dark = theme.shades(site.accent)
    return {
        "site": site,
        "site_url": settings.SITE_URL,
        "newsletter": newsletter,
        "subject": one_line(issue.subject),
        "language": newsletter.language,
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
        "accent": light,
        "accent_dark": dark,
        "intro": intro.to_html(issue.intro),
        "intro_text": intro.to_text(issue.intro),
        "blocks": [_shown(block, newsletter) for block in blocks if not block.brief],
        "brief": [_shown(block, newsletter) for block in blocks if block.brief],
        "address": absolute(reverse("newsletter-issue", args=[newsletter.slug, issue.key])),
        "archive": absolute(reverse("newsletter-archive", args=[newsletter.slug])),
    }


def _shown(block: Block, newsletter: Newsletter) -> dict[str, Any]:
    bidi = translation.get_language_info(block.language)["bidi"]
    return {
        **block.frozen(),
        "address": absolute(block.path),
        "source": absolute(address({"path": block.image.path})) if block.image else "",
        "foreign": block.language != newsletter.language,
        "direction": "rtl" if bidi else "ltr",
    }


def _parts(whole: str, marks: dict[str, str]) -> list[str | dict[str, str]]:
    names = {mark: name for name, mark in marks.items()}
    pieces = re.split(f"({'|'.join(map(re.escape, names))})", whole)
    return [{"link": names[piece]} if piece in names else piece for piece in pieces if piece]


def _tidy(text: str) -> str:
    """No more than one empty line, no blanks at an end, and lines that fit (RFC 5322, 2.1.1); addresses stay whole."""
    lines = [part for line in text.strip().splitlines() for part in _folded(line.rstrip())]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def _folded(line: str) -> list[str]:
    hanging = "  " if line.startswith("- ") else ""
    folded = wrap(line, LINE, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)
    return folded or [""]


def _preheader(words: dict[str, Any]) -> str:
    """What mail programs show beside the subject: how the issue begins, or what is in it."""
    headlines = " · ".join(block["headline"] for block in [*words["blocks"], *words["brief"]])
    begins = next((line for line in words["intro_text"].splitlines() if line.strip(" -")), "")
    return Truncator(one_line(begins or headlines)).chars(PREHEADER)
