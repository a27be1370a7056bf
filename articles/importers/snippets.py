"""HTML made from shortcodes, kept aside while the text around it is turned from Markdown into HTML."""

import html as entities
import re

# Characters of the private use area: no text has them, no Markdown touches them.
START, END = "\ue000", "\ue001"
TOKEN = re.compile(f"{START}([0-9]+){END}")
CODE_TAG = re.compile(r"<(?P<close>/)?(?P<name>pre|code)\b[^<>]*>")
IN_TAG = re.compile(rf"<[^<>]*{START}[^<>]*>")


class Snippets:
    """Hands out tokens for pieces of HTML and puts the pieces back in the end."""

    def __init__(self) -> None:
        self._kept: list[tuple[str, str]] = []

    @staticmethod
    def without_tokens(text: str) -> str:
        """`text` without characters that would be mistaken for tokens, and without NULs."""
        return text.replace(START, "").replace(END, "").replace("\0", "")

    def keep(self, html: str, original: str) -> str:
        """A token for `html`, which stands for `original` in the source."""
        self._kept.append((html, original))
        return f"{START}{len(self._kept) - 1}{END}"

    def fill(self, html: str) -> str:
        """`html` with the pieces in it again; within code, as the source had them."""
        for start, end in reversed(code_spans(html)):
            if START in html[start:end]:
                html = html[:start] + self.originals(html[start:end], escape=True) + html[end:]
        html = IN_TAG.sub(lambda tag: TOKEN.sub("", tag[0]), html)
        return TOKEN.sub(self._html, html)

    def originals(self, text: str, *, escape: bool = False) -> str:
        """`text` with the source of each piece in the place of its token."""

        def original(token: re.Match[str]) -> str:
            kept = self._original(token)
            return entities.escape(kept) if escape else kept

        return TOKEN.sub(original, text)

    def _html(self, token: re.Match[str]) -> str:
        index = int(token[1])
        return self._kept[index][0] if index < len(self._kept) else ""

    def _original(self, token: re.Match[str]) -> str:
        index = int(token[1])
        return self._kept[index][1] if index < len(self._kept) else ""


def code_spans(html: str) -> list[tuple[int, int]]:
    """Where text within <pre> or <code> begins and ends, from each outermost one to the first end of its kind."""
    spans: list[tuple[int, int]] = []
    opened: re.Match[str] | None = None
    for tag in CODE_TAG.finditer(html):
        if opened and tag["close"] and tag["name"] == opened["name"]:
            spans.append((opened.end(), tag.start()))
            opened = None
        elif not opened and not tag["close"]:
            opened = tag
    return spans


def figure(source: str, alt: str = "", caption: str = "", credit: str = "", layout: str = "") -> str:
    """A picture as converting reads it; `caption` is HTML, all else is text."""
    attributes = f' class="{entities.escape(layout)}"' if layout else ""
    image = (
        f'<img src="{entities.escape(source)}" alt="{entities.escape(alt)}" data-credit="{entities.escape(credit)}">'
    )
    return f"<figure{attributes}>{image}<figcaption>{caption}</figcaption></figure>"


def link(address: str, words: str) -> str:
    """A paragraph that is one link: what an embed becomes."""
    return f'<p><a href="{entities.escape(address)}">{entities.escape(words or address)}</a></p>'
