"""What a browser makes of a page with forms: the fields as they would be sent."""

from html.parser import HTMLParser
from typing import Any

# Sent only when pressed, or never.
UNSENT = {"submit", "button", "image", "reset", "file"}


class Form(list[tuple[str, str]]):
    """The fields of a form as (name, value), in their order on the page."""

    def first(self, name: str) -> str:
        """The value of the first field of that name; KeyError where there is none."""
        for known, value in self:
            if known == name:
                return value
        raise KeyError(name)

    def put(self, name: str, value: str) -> None:
        """Type `value` into the field `name`, which must be there."""
        index = next((index for index, (known, _) in enumerate(self) if known == name), None)
        if index is None:
            raise KeyError(name)
        self[index] = (name, value)


def form_of(page: str, field: str) -> Form:
    """The form that has this field; empty where the page has none."""
    reader = _Reader()
    reader.feed(page)
    return next((form for form in reader.forms if any(name == field for name, _ in form)), Form())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.inside = False
        self.templates = 0  # what stands in a <template> is no part of the page yet
        self.area: str | None = None
        self.select: tuple[str, bool] | None = None
        self.chosen: list[str] = []
        self.options: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        has = dict(attributes)
        self.templates += tag == "template"
        if self.templates:
            return
        if tag == "form":
            self.forms.append(Form())
            self.inside = True
        if not self.inside or "disabled" in has:
            return
        name = has.get("name")
        if tag == "input" and name:
            self._input(name, has)
        elif tag == "textarea" and name:
            self.area, self.text = name, ""
        elif tag == "select" and name:
            self.select, self.chosen, self.options = (name, "multiple" in has), [], []
        elif tag == "option" and self.select:
            self.options.append(has.get("value") or "")
            if "selected" in has:
                self.chosen.append(has.get("value") or "")

    def _input(self, name: str, has: dict[str, str | None]) -> None:
        kind = (has.get("type") or "text").lower()
        ticked = kind not in ("checkbox", "radio") or "checked" in has
        if kind not in UNSENT and ticked:
            self.forms[-1].append((name, has.get("value") or ("on" if kind == "checkbox" else "")))

    def handle_data(self, data: str) -> None:
        if self.area:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        if self.templates:
            self.templates -= tag == "template"
        elif tag == "textarea" and self.area:
            # The parser of a browser drops the line break that begins it.
            self.forms[-1].append((self.area, self.text.removeprefix("\r\n").removeprefix("\n")))
            self.area = None
        elif tag == "select" and self.select:
            name, several = self.select
            values = self.chosen if several or self.chosen else self.options[:1]
            self.forms[-1].extend((name, value) for value in values)
            self.select = None
        elif tag == "form":
            self.inside = False
