"""Hugo's shortcodes: `{{< name arguments >}}`, with or without content up to `{{< /name >}}`."""

import re

from django.utils.translation import gettext as _

from articles.importers.liquid import POST
from articles.importers.shortcodes import Desk, shortcode

TAG = re.compile(
    r"\{\{(?P<open>[<%])\s*(?P<comment>/\*)?\s*(?P<close>/)?\s*(?P<name>[\w./-]+)(?P<arguments>(?:\"[^\"]{0,4000}\"|[^\"{]|\{(?!\{)){0,4000}?)"
    r"\s*(?:\*/)?\s*/?\s*[>%]\}\}"
)
LINK = re.compile(
    r"\[(?P<words>(?:[^\[\]]|\[[^\]]*\])*)\]\(\s*\{\{[<%]\s*(?:rel)?ref\s+(?P<target>[^>%]*?)\s*[>%]\}\}(?P<part>#[^)\s]*)?\s*\)"
)
REFERENCES = {"ref", "relref", "link", "tmp"}


def answered(text: str, desk: Desk) -> str:
    """`text` with every shortcode replaced by what it stood for."""
    closed = {match["name"].lower() for match in TAG.finditer(text) if match["close"]}
    text = LINK.sub(lambda match: _reference(match, desk), text)

    def answer(match: re.Match[str]) -> str:
        name = match["name"].lower()
        if match["comment"]:
            return match[0].replace("/*", "", 1).replace("*/", "", 1)
        if match["close"]:
            return "`" if name == "highlight" else "\n\n"
        if name in REFERENCES:
            return _address_of(match["arguments"], desk)
        if name == "highlight" and name in closed:
            return "`"
        code = shortcode(name, match["arguments"], match[0])
        return desk.opening(code) if name in closed else desk.answer(code)

    return TAG.sub(answer, text)


def _reference(match: re.Match[str], desk: Desk) -> str:
    """A link to another file of the site: to where it was, or only its words where there is no such file."""
    target = match["target"].strip().strip("\"'")
    if target.rpartition("/")[2] in desk.site.stems:
        return f"[{match['words']}]({_address_of(target, desk)}{match['part'] or ''})"
    sentence = _("The link to “%(file)s” was left out, since that file is not here; its words are kept.")
    desk.item.note("link", sentence % {"file": target}, lost=True)
    return str(match["words"])


def _address_of(arguments: str, desk: Desk) -> str:
    """Where the file was: a dated one below its date, another by its own path."""
    target = arguments.strip().strip("\"'")
    post = POST.match(target)
    if post:
        return f"/{post[1]}/{post[2]}/{post[3]}/{post[4]}/"
    return "/" + re.sub(r"(_?index)?\.\w+$", "", target.lstrip("/")).rstrip("/") + "/"
