"""Liquid, as Jekyll and Eleventy use it in articles: read before the Markdown, as they do."""

import re

from django.utils.translation import gettext as _

from articles.importers.items import Picture, quoted
from articles.importers.shortcodes import Desk, front_matter_text, shortcode

# In this order, so that nothing within raw text or a comment is read.
TAGS = re.compile(
    r"\{%-?\s*raw\s*-?%\}(?P<raw>.*?)\{%-?\s*endraw\s*-?%\}"
    r"|\{%-?\s*comment\s*-?%\}(?P<comment>.*?)\{%-?\s*endcomment\s*-?%\}"
    r"|\{%-?\s*highlight\s*(?P<lexer>[\w+-]*)[^%]*%\}(?P<code>.*?)\{%-?\s*endhighlight\s*-?%\}"
    r"|\{%-?\s*(?P<tag>[\w-]+)(?P<arguments>(?:[^%{]|%(?!\})|\{(?!%)){0,4000}?)-?%\}(?P<marks>\{[:.#][^{}\n]*\})?"
    r"|\{\{-?(?![<%])(?P<output>(?:[^{}\n]|\}(?!\})){0,2000}?)-?\}\}",
    re.DOTALL,
)
STRING = re.compile(r"""^\s*(?:"([^"]*)"|'([^']*)')\s*(?:\|(.*))?$""", re.DOTALL)
POST = re.compile(r"(?:.*/)?(\d{4})-(\d{2})-(\d{2})-(.+?)(?:\.\w+)?$")
EMPTY = {"site.baseurl", "site.url", "content", "toc"}


def answered(text: str, desk: Desk, head: dict[str, object]) -> str:
    """`text` with every Liquid tag replaced by what it stood for."""

    def answer(match: re.Match[str]) -> str:
        part = match.groupdict()
        if part["raw"] is not None:
            return str(part["raw"])
        if part["comment"] is not None:
            return ""
        if part["code"] is not None:
            return f"\n```{part['lexer']}\n{part['code'].strip(chr(10))}\n```\n"
        if part["output"] is not None:
            return _output(part["output"], match[0], desk, head)
        return _tag(part["tag"], part["arguments"], match[0], desk)

    return TAGS.sub(answer, text)


def _tag(name: str, arguments: str, written: str, desk: Desk) -> str:
    if name == "include":
        template, _space, rest = arguments.strip().partition(" ")
        name, arguments = re.sub(r"\.\w+$", "", template.rpartition("/")[2]), rest
    if name in {"post_url", "link"}:
        return _address_of(arguments.strip().strip("\"'"))
    if name.startswith("end") or name in {"if", "unless", "else", "elsif", "for", "case", "when", "assign", "capture"}:
        if not name.startswith("end"):
            sentence = _("The program “%(code)s” was left out; words within it are kept.") % {"code": quoted(written)}
            desk.item.note("shortcode", sentence, lost=True)
        return ""
    return desk.answer(shortcode(name, arguments, written))


def _output(inside: str, written: str, desk: Desk, head: dict[str, object]) -> str:
    said = STRING.match(inside)
    if not said:
        name = inside.partition("|")[0].strip()
        value = front_matter_text(head, name)
        return "" if name in EMPTY else value if value is not None else desk.missing_words(written)
    text, filters = (said[1] if said[1] is not None else said[2]), (said[3] or "").strip()
    if filters.startswith("embed"):
        return desk.embed(text, filters.partition(":")[2].strip().strip("\"'"), written)
    if filters == "team_link":
        return desk.person(text)
    if filters == "team_photo":
        desk.item.pictures[text] = Picture(text, names=(f"assets/img/team/{text}.jpg", f"assets/img/team/{text}.png"))
        return desk.answer(shortcode("image", f'"{text}" "{desk.person(text)}"', written))
    return text


def _address_of(target: str) -> str:
    """Where Jekyll would put the file: a post below its date, another page by its own path."""
    post = POST.match(target)
    if post:
        return f"/{post[1]}/{post[2]}/{post[3]}/{post[4]}/"
    return "/" + re.sub(r"(index)?\.\w+$", "", target.lstrip("/"))
