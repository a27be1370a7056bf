"""Comments in Disqus exports (http://disqus.com/api/schemas/1.0/disqus.xsd), read as a stream.

Untrusted: no entity, no document type, nothing fetched. Memory is bounded by one comment.
"""

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext as _

from articles.importers.moments import moment
from articles.importers.wxr import MAX_ITEM, Bounded, TooLong, local
from comments.importers.items import Broken, Said, Skipped, Thread
from comments.states import State

ID = "{http://disqus.com/disqus-internals}id"


class _NoExport(Exception):
    pass


def items(path: Path, name: str) -> Iterator[Thread | Said | Skipped | Broken]:
    """Every thread and every comment of an export. Threads may stand behind their comments."""
    try:
        with path.open("rb") as file:
            yield from _elements(Bounded(file))
    except ParseError as error:
        line, column = error.position
        sentence = _(
            "%(file)s, line %(line)d, column %(column)d: the XML is damaged. What stands before it was read; "
            "export the comments again, or mend the file there."
        )
        yield Broken(sentence % {"file": name, "line": line, "column": column})
    except DefusedXmlException:
        sentence = _(
            "%(file)s declares a document type or entities, as no export does. It was not read further, since such "
            "files are used for attacks."
        )
        yield Broken(sentence % {"file": name})
    except TooLong:
        sentence = _("%(file)s holds a comment of more than %(size)d MB, which is none. It was not read further.")
        yield Broken(sentence % {"file": name, "size": MAX_ITEM // 1024 // 1024})
    except _NoExport:
        yield Broken(_("%(file)s is no export of Disqus. Make one there under Moderation, Export.") % {"file": name})
    except (OSError, ValueError, LookupError) as error:
        yield Broken(_("%(file)s cannot be read: %(why)s.") % {"file": name, "why": error})


def _elements(file: Bounded) -> Iterator[Thread | Said | Skipped]:
    above: list[Element] = []
    for event, element in iterparse(file, ("start", "end"), forbid_dtd=True):
        if event == "start":
            if not above and "disqus.com" not in element.tag:
                raise _NoExport
            above.append(element)
            continue
        above.pop()
        if len(above) != 1:
            continue
        if local(element) == "thread":
            yield _thread(element)
        elif local(element) == "post":
            yield _post(element)
        above[0].remove(element)
        file.mark()


def _thread(element: Element) -> Thread:
    fields = _fields(element)
    return Thread(_key(element), fields.get("title", ""), paths=tuple(_paths(fields.get("link", ""))))


def _post(element: Element) -> Said | Skipped:
    fields, number = _fields(element), element.get(ID, "")
    author = {}
    thread = parent = ""
    for child in element:
        if local(child) == "author":
            author = _fields(child)
        elif local(child) == "thread":
            thread = _key(child)
        elif local(child) == "parent":
            parent = _source(child)
    if fields.get("isDeleted") == "true":
        return Skipped("deleted", _("Comment %(number)s was deleted there.") % {"number": number}, True)
    at = moment(fields.get("createdAt", ""), UTC)
    if at is None or not number or not thread:
        sentence = _("Comment %(number)s has no number, thread or date that can be read.")
        return Skipped("damaged", sentence % {"number": number[:80] or "?"})
    return Said(
        source=_source(element),
        thread=thread,
        at=at,
        state=_state(fields),
        parent=parent,
        name=author.get("name", ""),
        email=author.get("email", ""),
        html=fields.get("message", ""),
        network=fields.get("ipAddress", ""),
    )


def _state(fields: dict[str, str]) -> State:
    if fields.get("isSpam") == "true":
        return State.SPAM
    return State.PENDING if fields.get("isApproved") == "false" else State.PUBLISHED


def _fields(element: Element) -> dict[str, str]:
    return {local(child): (child.text or "").strip() for child in element}


def _key(element: Element) -> str:
    return f"disqus:thread:{element.get(ID, '')}"[:200]


def _source(element: Element) -> str:
    """Numbers of Disqus are unique among all its sites."""
    return f"disqus:{element.get(ID, '')}"[:200]


def _paths(link: str) -> Iterator[str]:
    try:
        parts = urlsplit(link)
    except ValueError:
        return
    if parts.query:
        yield f"{parts.path or '/'}?{parts.query}"
    if len(parts.path) > 1:
        yield parts.path
