"""WordPress exports (WXR 1.0 to 1.2), read as a stream. Untrusted: no entity, no document type, nothing fetched.

An export is read twice: first for what articles refer to (authors, categories, pictures), which may stand
behind them or in another file of the same site, then article by article. Memory is bounded by one article.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext as _

from articles.importers.items import Unreadable

# No article is this long; what grows beyond it without an end is an attack or damage.
MAX_ITEM = 32 * 1024 * 1024
NAMED = {"author", "category", "tag", "term"}
# Where the credit of a picture stands: in fields of newsrooms' plugins, and in what WordPress read in the file.
CREDIT_KEYS = ("_media_credit", "media_credit", "_navis_media_credit_org", "isc_image_source")
FILE_KEY = "_wp_attachment_metadata"
PICTURE_KEYS = {"_wp_attachment_image_alt", "_wp_attached_file", FILE_KEY, *CREDIT_KEYS}


@dataclass
class Record:
    """One <item> of an export: its plain fields by their name without the namespace, and what is repeated."""

    site: str
    fields: dict[str, str] = field(default_factory=dict)
    meta: dict[str, str] = field(default_factory=dict)
    terms: list[tuple[str, str, str]] = field(default_factory=list)
    comments: int = 0
    # The comments' own fields, where they were asked for.
    said: list[dict[str, str]] = field(default_factory=list)

    def get(self, name: str) -> str:
        return self.fields.get(name, "").strip()


@dataclass(frozen=True)
class Attachment:
    """A picture as the export describes it."""

    address: str
    alt: str
    caption: str
    description: str
    credit: str
    copyright: str
    title: str
    parent: str
    file: str


@dataclass
class Index:
    """What articles refer to, of every file of an import, by site."""

    authors: dict[tuple[str, str], str] = field(default_factory=dict)
    parents: dict[tuple[str, str], str] = field(default_factory=dict)
    term_slugs: dict[tuple[str, str], str] = field(default_factory=dict)
    attachments: dict[tuple[str, str], Attachment] = field(default_factory=dict)
    by_address: dict[str, Attachment] = field(default_factory=dict)
    children: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    patterns: dict[tuple[str, str], str] = field(default_factory=dict)
    types: Counter[str] = field(default_factory=Counter)

    def read(self, path: Path, name: str) -> None:
        """Take in one file, as far as it can be read; what is broken there is told when it is read again."""
        try:
            for record in records(path, name, index=self):
                self._add(record)
        except Unreadable:
            pass

    def _add(self, record: Record) -> None:
        kind, key = record.get("post_type"), (record.site, record.get("post_id"))
        self.types[kind] += 1
        if kind == "wp_block":
            self.patterns[key] = record.get("content")
        if kind != "attachment":
            return
        found = Attachment(
            address=record.get("attachment_url") or record.get("guid"),
            alt=record.meta.get("_wp_attachment_image_alt", ""),
            caption=record.get("excerpt"),
            description=record.get("content"),
            credit=_credit(record),
            copyright=_in_file(record, "copyright"),
            title=record.get("title"),
            parent=record.get("post_parent"),
            file=record.meta.get("_wp_attached_file", ""),
        )
        self.attachments[key] = self.by_address[bare(found.address)] = found
        self.children.setdefault((record.site, found.parent), []).append(key[1])


def _credit(record: Record) -> str:
    said = (record.meta.get(key, "").strip() for key in CREDIT_KEYS)
    return " / ".join(dict.fromkeys(text for text in said if text)) or _in_file(record, "credit")


def _in_file(record: Record, key: str) -> str:
    """A text of what WordPress keeps as PHP writes it down: s:<bytes>:"<text>". It is searched, never executed."""
    serialised = record.meta.get(FILE_KEY, "")
    found = re.search(rf's:{len(key)}:"{key}";s:(\d{{1,5}}):"', serialised)
    if not found:
        return ""
    raw = serialised[found.end() :][: int(found[1])].encode()[: int(found[1])]
    return raw.decode("utf-8", "ignore").strip()


def records(path: Path, name: str, index: Index | None = None, *, comments: bool = False) -> Iterator[Record]:
    """The items of an export, one by one. Raises Unreadable where it ends too early or is none.

    With `index`, authors and categories are put there on the way, and texts of articles are not kept. With
    `comments`, those of each item are.
    """
    try:
        with path.open("rb") as file:
            yield from _Reader(Bounded(file), index, comments=comments).records()
    except ParseError as error:
        line, column = error.position
        raise Unreadable(
            _(
                "%(file)s, line %(line)d, column %(column)d: the XML is damaged (%(why)s). "
                "What stands before it was read; export the site again, or mend the file there."
            )
            % {"file": name, "line": line, "column": column, "why": str(error.msg).partition(":")[0]}
        ) from error
    except DefusedXmlException as error:
        raise Unreadable(
            _(
                "%(file)s declares a document type or entities, as no WordPress export does. "
                "It was not read further, since such files are used for attacks."
            )
            % {"file": name}
        ) from error
    except TooLong as error:
        raise Unreadable(
            _("%(file)s holds an item of more than %(size)d MB, which is no article. It was not read further.")
            % {"file": name, "size": MAX_ITEM // 1024 // 1024}
        ) from error
    except _NoExport as error:
        raise Unreadable(
            _("%(file)s is not a WordPress export. Make one in WordPress under Tools, Export, All content.")
            % {"file": name}
        ) from error
    except (OSError, ValueError, LookupError) as error:
        raise Unreadable(_("%(file)s cannot be read: %(why)s.") % {"file": name, "why": error}) from error


class TooLong(Exception):
    """Something in a file is longer than it can be."""


class _NoExport(Exception):
    pass


class Bounded:
    """A file that refuses to be read further than MAX_ITEM beyond the last mark."""

    def __init__(self, file: Any) -> None:
        self._file, self._since = file, 0

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._file.read(size)
        self._since += len(data)
        if self._since > MAX_ITEM:
            raise TooLong
        return data

    def mark(self) -> None:
        self._since = 0


class _Reader:
    """Goes through one file and lets go of every element as soon as it was read."""

    def __init__(self, file: Bounded, index: Index | None, *, comments: bool = False) -> None:
        self.file, self.index, self.comments = file, index, comments
        self.site = ""
        self._open: list[Element] = []

    def records(self) -> Iterator[Record]:
        known = False
        for event, element in iterparse(self.file, ("start", "end"), forbid_dtd=True):
            if event == "start":
                self._open.append(element)
                known = known or self._belongs(element)
                continue
            self._open.pop()
            if len(self._open) != 2:
                continue
            yield from self._done(element, local(element))
            self._open[-1].remove(element)
            self.file.mark()
        if not known:
            raise _NoExport

    def _belongs(self, element: Element) -> bool:
        if len(self._open) == 1 and local(element) not in {"rss", "RDF"}:
            raise _NoExport
        return "wordpress.org/export" in element.tag

    def _done(self, element: Element, name: str) -> Iterator[Record]:
        """A direct child of the channel has ended."""
        if name in {"base_blog_url", "base_site_url", "link"} and element.text:
            self.site = host_of(element.text) if name != "link" or not self.site else self.site
        elif name in NAMED and self.index is not None:
            self._name(element, name, self.index)
        elif name == "item":
            yield _record(element, self.site, whole=self.index is None, comments=self.comments)

    def _name(self, element: Element, name: str, index: Index) -> None:
        said = {local(child): (child.text or "").strip() for child in element}
        if name == "author" and said.get("author_login"):
            full = f"{said.get('author_first_name', '')} {said.get('author_last_name', '')}".strip()
            index.authors[self.site, said["author_login"]] = (
                said.get("author_display_name") or full or said["author_login"]
            )
        elif name == "category" and said.get("category_nicename"):
            index.parents[self.site, said["category_nicename"]] = said.get("category_parent", "")
            index.term_slugs[self.site, said.get("term_id", "")] = said["category_nicename"]


def _record(item: Element, site: str, *, whole: bool, comments: bool) -> Record:
    record = Record(site)
    kind = next((child.text for child in item if local(child) == "post_type"), "")
    texts = whole or kind in {"attachment", "wp_block"}
    for child in item:
        name = local(child)
        if name == "comment":
            record.comments += 1
            if comments:
                record.said.append({local(part): part.text or "" for part in child})
        elif name == "postmeta":
            said = {local(part): part.text or "" for part in child}
            if whole or said.get("meta_key") in PICTURE_KEYS:
                record.meta[said.get("meta_key", "").strip()] = said.get("meta_value", "")
        elif name == "category":
            term = (child.get("domain") or "category", child.get("nicename") or "", (child.text or "").strip())
            record.terms.append(term)
        elif name == "encoded":
            record.fields["excerpt" if "excerpt" in child.tag else "content"] = (child.text or "") if texts else ""
        else:
            record.fields.setdefault(name, child.text or "")
    return record


def local(element: Element) -> str:
    """The element's name without its namespace, of which there are several."""
    return str(element.tag).rpartition("}")[2]


def bare(address: str) -> str:
    """An address without what changes from page to page: its scheme, and the size that is asked for."""
    return address.strip().partition("?")[0].partition("//")[2]


def host_of(address: str) -> str:
    """The host that an address names, or the address itself where it names none."""
    try:
        return urlsplit(address.strip()).hostname or address.strip()
    except ValueError:
        return address.strip()
