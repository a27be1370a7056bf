"""Links in a text that lead readers nowhere, as far as this site itself can tell.

Only this site's own addresses are looked up; other hosts are never asked.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_ipv46_address
from django.db.models import Exists, OuterRef
from django.urls import resolve
from django.utils import translation
from django.utils.translation import gettext as _

from articles import reading
from articles.models import Address, Author, Edition, Section, Tag
from newsroom.lib import clock
from newsroom.lib.markup import End, Start, Text, tokens

# Places of an article's page besides its own headings; "" and "top" are its beginning (HTML, 7.4.6.4).
PLACES = {"", "top", "main", "comments", "corrections", "newsletter"}
HEADING = re.compile(r"part-([1-9][0-9]*)")
# A number as RFC 3966 writes it, with its visual separators, and parameters behind it.
TELEPHONE = re.compile(r"\+?[0-9().\- ]{3,40}(;[a-z0-9-]+=[^;]*)*", re.IGNORECASE)
HOST = re.compile(r"([^\W_](-*\w)*\.)+[^\W\d_](-*\w)+\.?")
# What belongs to one article: its page, and whatever stands below it.
ARTICLE = re.compile(r"(?:/[a-zA-Z-]+)?/[0-9]{4}/[0-9]{2}/[0-9]{2}/[^/]+/")
NAMED: dict[str, Any] = {"section": Section, "author": Author, "topic": Tag}


class Link(NamedTuple):
    """An address as written, and the words that carry it."""

    address: str
    words: str


def problems(html: str) -> Iterator[str]:
    """A sentence for each link of `html` (clean) that leads nowhere, in their order; at most five queries."""
    links, headings = _read(html)
    dead = unanswered({path for link in links if (path := _own_path(link.address))})
    told = set()
    for link in links:
        sentence = _complaint(link, headings, dead)
        if sentence and link.address not in told:
            told.add(link.address)
            yield sentence % {"words": link.words or link.address, "address": link.address}


def _read(html: str) -> tuple[list[Link], int]:
    """The links of `html`, and how many headings it has."""
    links: list[Link] = []
    words: list[str] = []
    headings, address = 0, None
    for token in tokens(html):
        match token:
            case Start("h2" | "h3" | "h4"):
                headings += 1
            case Start("a", attributes):
                address, words = attributes.get("href"), []
            case End("a") if address is not None:
                links.append(Link(address, " ".join("".join(words).split())))
                address = None
            case Text(source):
                words.append(unescape(source))
    return links, headings


def _complaint(link: Link, headings: int, dead: set[str]) -> str:
    address = link.address
    if address.startswith("#"):
        found = HEADING.fullmatch(address[1:])
        if address[1:] in PLACES or (found and int(found[1]) <= headings):
            return ""
        return _("The link “%(words)s” leads to %(address)s, a place that this text does not have. Mend or remove it.")
    path = _own_path(address)
    if path is not None:
        if path in dead:
            return _("The link “%(words)s” leads to %(address)s, where readers find nothing now. Mend or remove it.")
        return ""
    if not urlsplit(address).scheme:
        return _(
            "The link “%(words)s” leads to %(address)s, which begins neither with https:// nor with /. "
            "Elsewhere than on this page it would lead astray: write it in full."
        )
    if not _well_formed(address):
        return _("The link “%(words)s” has a damaged address: %(address)s. Write it anew.")
    return ""


def _own_path(address: str) -> str | None:
    """The path, with its query, of an address of this site; None for others."""
    parts = urlsplit(address)
    if parts.netloc:
        if parts.scheme not in ("http", "https") or parts.netloc.lower() != urlsplit(settings.SITE_URL).netloc.lower():
            return None
    elif parts.scheme or not parts.path.startswith("/"):
        return None
    path = unicodedata.normalize("NFC", unquote(parts.path or "/"))
    return f"{path}?{parts.query}" if parts.query else path


def _well_formed(address: str) -> bool:
    parts = urlsplit(address)
    match parts.scheme:
        case "mailto":
            return all(_is(validate_email, name.strip()) for name in unquote(parts.path).split(","))
        case "tel":
            return TELEPHONE.fullmatch(unquote(parts.path)) is not None
    host = unquote(parts.hostname or "")
    return HOST.fullmatch(host) is not None or _is(validate_ipv46_address, host)


def _is(validate: Any, value: str) -> bool:
    try:
        validate(value)
    except ValidationError:
        return False
    return True


# Who answers at an address of this site -----------------------------------------------------


def unanswered(paths: Iterable[str]) -> set[str]:
    """Those of `paths` (each with its query) at which readers find nothing as of now.

    What stands at no fixed address is looked up together: one query for articles, one for static
    pages, one each for sections, authors and topics, and only where there is such a link.
    """
    subjects = {path: _subject(path) for path in paths}
    wanted: dict[str, set[str]] = {}
    for kind, key in filter(None, subjects.values()):
        wanted.setdefault(kind, set()).add(key)
    found = {kind: _answering(kind, keys) for kind, keys in wanted.items()}
    return {path for path, subject in subjects.items() if subject and subject[1] not in found[subject[0]]}


def _subject(path: str) -> tuple[str, str] | None:
    """What a path is about, as (kind, key); None where a view answers whatever the database holds."""
    bare = path.partition("?")[0]
    if bare.startswith((settings.STATIC_URL, settings.MEDIA_URL)):
        return None
    name, slug = _view_at(bare)
    kind = name.removeprefix("articles:").removesuffix("-feed")
    if name in ("articles:article", "elsewhere"):
        return "address", path
    if below := ARTICLE.match(bare):
        return "address", below[0]
    if kind in NAMED:
        return kind, slug
    return ("admin", path) if name.startswith("admin:") else None


def _view_at(path: str) -> tuple[str, str]:
    """Name of the view at `path` and the slug in it, whatever language is spoken now; with a slash added if need be."""
    with translation.override(translation.get_language_from_path(path) or settings.LANGUAGE_CODE):
        match = resolve(path)
        if match.view_name == "elsewhere" and not path.endswith("/"):
            match = resolve(f"{path}/")
    return match.view_name, match.kwargs.get("slug", "")


def _answering(kind: str, keys: set[str]) -> set[str]:
    if kind == "admin":
        return set()  # readers are not let in
    if kind in NAMED:
        return set(NAMED[kind].objects.live().filter(slug__in=keys).values_list("slug", flat=True))
    spelled = {spelling: key for key in keys for spelling in _spellings(key)}
    found = set(_articles_at(spelled)) | set(
        reading.static_pages().filter(url__in=spelled).values_list("url", flat=True)
    )
    return {spelled[spelling] for spelling in found}


def _spellings(path: str) -> set[str]:
    """How the address may be stored at which `path` is answered."""
    bare = path.partition("?")[0].rstrip("/")
    return {path, bare, f"{bare}/"}


def _articles_at(paths: Iterable[str]) -> Any:
    """Those of `paths` that are, or were, the address of an article that is live: see articles.gone.whereabouts."""
    editions = Edition.objects.filter(path=OuterRef("path"))
    live = Edition.objects.live().filter(article=OuterRef("article"))
    met = Exists(editions.filter(live_from__lte=clock.now())) | ~Exists(editions)
    return Address.objects.filter(met, Exists(live), path__in=list(paths)).values_list("path", flat=True)
