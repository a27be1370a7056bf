"""Thousands of known attacks, cleaned and put before a real browser, and compared with what others make of them."""

import json
import os
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from articles.factories import make_article
from newsroom.lib.html import _RENAMED, ALLOWED, CLASSES, clean
from newsroom.tests.browser import sign_in, wait_until
from newsroom.tests.javascript import read_literal

DATA = os.environ.get("NEWSROOM_TEST_DATA")
pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(not DATA, reason="NEWSROOM_TEST_DATA names no folder with attack-html."),
]
FOLDER = Path(DATA or ".") / "attack-html"
BATCH = 800


def dompurify() -> list[dict[str, Any]]:
    source = (FOLDER / "dompurify/expect.mjs").read_text()
    return read_literal(source[source.index("[") :])


def bleach() -> list[tuple[str, str, str]]:
    cases = []
    for path in sorted((FOLDER / "bleach").glob("*.test")):
        given, _line, expected = path.read_text().partition("\n--\n")
        cases.append((path.name, given, expected.strip()))
    return cases


def lines_and_blocks(text: str) -> Iterator[str]:
    """Every line of a list or of an article about attacks, and its code blocks as a whole."""
    yield from (line for line in text.splitlines() if line.strip())
    yield from re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`([^`\n]+)`", text)


def vectors() -> list[str]:
    """All attacks of the folder, each once."""
    found = [case["payload"] for case in dompurify()] + [given for _name, given, _expected in bleach()]
    for path in sorted(FOLDER.rglob("*")):
        if path.suffix in (".txt", ".md") and path.name != "SOURCE.md":
            found += lines_and_blocks(path.read_text(errors="surrogateescape"))
    return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def cleaned() -> dict[str, str]:
    """Attack -> what is left of it."""
    return {vector: clean(vector) for vector in vectors()}


def test_all_files_of_the_folder_are_read(cleaned):
    assert len(dompurify()) == 223 and len(bleach()) == 14
    assert len(cleaned) > 6500


def test_cleaning_what_is_clean_changes_nothing(cleaned):
    assert [vector for vector, html in cleaned.items() if clean(html) != html] == []


# In the browser ---------------------------------------------------------------------------

# What the form itself asks for, all the time: who is here, and keep what is typed. It waits for ever.
HOOKS = """
window.ran = [];
const own = /^\\/admin\\/articles\\/article\\/(\\d+\\/(presence|autosave)|writing)\\//;
for (const name of ["alert", "confirm", "prompt", "print", "open", "fetch"]) {
  window[name] = (...rest) => {
    if (name === "fetch" && own.test(rest[0])) return new Promise(() => {});
    window.ran.push(`${name}(${rest.map(String)})`);
  };
}
"""
# What the browser made of the page: anything in it that the table does not name, and links as it resolves them.
SURVEY = """
([root, allowed, classes, extra]) => {
  const bad = [];
  for (const element of document.querySelectorAll(`${root} *`)) {
    const name = element.localName;
    if (element.namespaceURI !== "http://www.w3.org/1999/xhtml" || !(name in allowed)) bad.push(`<${name}>`);
    for (const { name: attribute, value } of element.attributes) {
      const known = allowed["*"].includes(attribute) || (allowed[name] || []).includes(attribute)
        || (attribute === "class" && (classes[name] || []).includes(value)) || attribute === "rel"
        || extra.some((start) => attribute.startsWith(start));
      if (!known) bad.push(`${name}[${attribute}]`);
    }
    if (name === "a" && !["http:", "https:", "mailto:", "tel:"].includes(element.protocol)) bad.push(element.href);
  }
  return bad;
}
"""
TABLE = {name: sorted(attributes) for name, attributes in ALLOWED.items()}
CLASS_TABLE = {name: sorted(names) for name, names in CLASSES.items()}


def policy() -> str:
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    return "; ".join(f"{name} {' '.join(values)}" for name, values in directives.items())


@pytest.fixture
def stage(page) -> Callable[[list[str], dict[str, str]], list[str]]:
    """Shows pieces of HTML on a page of a site of its own; returns what happened that must not."""
    asked: list[str] = []
    shown = {"body": "", "headers": {}}

    def answer(route: Any) -> None:
        if route.request.url == "http://paper.example/article":
            route.fulfill(body=shown["body"], headers={"Content-Type": "text/html; charset=utf-8", **shown["headers"]})
        else:
            asked.append(route.request.url)
            route.abort()

    page.route("**/*", answer)
    page.add_init_script(HOOKS)
    page.on("dialog", lambda dialog: (asked.append(f"dialog {dialog.message}"), dialog.dismiss()))

    def show(pieces: list[str], headers: dict[str, str]) -> list[str]:
        asked.clear()
        page.troubles.clear()
        articles = "".join(f"<article>{piece}</article>\n" for piece in pieces)
        shown.update(body=f"<!doctype html><title>Paper</title><main>{articles}</main>", headers=headers)
        page.goto("http://paper.example/article", wait_until="load")
        happened = page.evaluate(SURVEY, ["main > article", TABLE, CLASS_TABLE, []])
        if page.evaluate("document.querySelectorAll('main > article').length") != len(pieces):
            happened.append("broke out of its article")
        # Written and read again, as scripts of a page may do: the way of mutation attacks.
        page.evaluate(
            "for (let i = 0; i < 2; i++) { const m = document.querySelector('main'); m.innerHTML = m.innerHTML }"
        )
        page.wait_for_timeout(60)
        happened += page.evaluate(SURVEY, ["main > article", TABLE, CLASS_TABLE, []])
        return happened + page.evaluate("window.ran") + page.troubles + asked

    return show


def culprits(pieces: list[str], happens: Callable[[list[str]], list[str]]) -> list[tuple[str, list[str]]]:
    """The single pieces that something happens with, found by halving."""
    happened = happens(pieces)
    if not happened:
        return []
    if len(pieces) == 1:
        return [(pieces[0], happened)]
    half = len(pieces) // 2
    return culprits(pieces[:half], happens) + culprits(pieces[half:], happens)


@pytest.mark.parametrize("with_policy", [False, True], ids=["without a policy", "with the site's policy"])
def test_nothing_happens_on_a_page_that_shows_what_is_left(cleaned, stage, with_policy):
    headers = {"Content-Security-Policy": policy()} if with_policy else {}
    pieces = list(dict.fromkeys(cleaned.values()))
    found = []
    for start in range(0, len(pieces), BATCH):
        found += culprits(pieces[start : start + BATCH], lambda some: stage(some, headers))
    assert found == []


def test_the_stage_sees_what_it_should_see(stage):
    """The proof is worth nothing if the browser would not have told."""
    attacks = [
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<script>alert(1)</script>",
        "<a href='javascript:alert(1)'>x</a>",
        "<p style='color:red'>x</p>",
        "<img src='//evil.example/x'>",
        "</article><article>",
    ]
    found = culprits([*attacks, "<p>harmless</p>"], lambda some: stage(some, {}))
    assert [piece for piece, _happened in found] == attacks


@pytest.fixture
def desk(page, live_server, root, cleaned) -> Any:
    """The article form with the real editor, in which all that is left of all attacks is the body."""
    article = make_article(by=root, body="<p>x</p>")
    pieces = list(dict.fromkeys(cleaned.values()))
    type(article).objects.filter(pk=article.pk).update(body="\n".join(pieces))
    page.asked = []

    def answer(route: Any) -> None:
        path = route.request.url.removeprefix(live_server.url)
        if re.match(r"/(static/|theme\.css|admin/jsi18n|admin/articles/article/\d+/change/$|images/)", path):
            route.continue_()
        else:
            page.asked.append(route.request.url)
            route.abort()

    page.route("**/*", answer)
    page.add_init_script(HOOKS)
    page.on("dialog", lambda dialog: (page.asked.append(f"dialog {dialog.message}"), dialog.dismiss()))
    sign_in(page, live_server, root)
    page.goto(f"{live_server.url}/admin/articles/article/{article.pk}/change/", wait_until="domcontentloaded")
    wait_until(page, "window.CKEDITOR && CKEDITOR.instances.id_body?.status === 'ready'")
    return page


def test_nothing_happens_in_the_editor_that_holds_what_is_left(desk):
    assert desk.evaluate("CKEDITOR.instances.id_body.editable().$.textContent.length") > 50_000
    desk.wait_for_timeout(300)
    extra = ["data-cke-", "contenteditable", "tabindex", "role", "aria-", "title", "class", "src", "style", "data-"]
    widgets = {"div": [], "img": ["src"]}
    assert desk.evaluate(SURVEY, [".cke_wysiwyg_div", TABLE | widgets, CLASS_TABLE, extra]) == []
    assert desk.evaluate("window.ran") + desk.asked + desk.troubles == []


def test_no_script_runs_even_when_attacks_are_typed_into_the_source(desk):
    """Nothing cleans what an editor pastes into the source: the editor's filter and the policy must hold alone."""
    raw = [vector.encode("utf-8", "replace").decode() for vector in vectors()]
    ran = []
    for start in range(0, len(raw), 1500):
        ran += desk.evaluate(
            """async (pieces) => {
              const editor = CKEDITOR.instances.id_body;
              for (const piece of pieces) editor.dataProcessor.toHtml(piece, { filter: editor.filter });
              await new Promise((done) => editor.setData(pieces.join("\\n"), { callback: done }));
              return window.ran;
            }""",
            raw[start : start + 1500],
        )
    desk.wait_for_timeout(500)
    assert ran + desk.evaluate("window.ran") == []
    assert not [event for event in desk.asked if event.startswith("dialog")]


# Against others ---------------------------------------------------------------------------


class Features(HTMLParser):
    """What a piece of HTML holds: its elements, its attributes by element, its addresses, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = _RENAMED.get(tag, tag)
        self.found |= {f"<{tag}>", *(f"{tag}[{name}]" for name, _value in attrs)}
        self.found |= {f"{name}={value}" for name, value in attrs if name in ("href", "cite")}

    def handle_data(self, data: str) -> None:
        self.text += "".join(data.split())


# What our cleaning adds by itself, and what acts on nothing.
OURS = {"<p>", "<tbody>", "a[rel]", "<figure>", "<figcaption>"}
# Beginning of an attack -> why it is right that we keep what others take away or leave encoded.
TAIL = "The quotation mark that hid in an attribute is kept as plain text, where DOMPurify drops the whole element."
LOOSER: dict[str, str] = {
    '<div id="31"><frameset onload=': "The words beside a frameset are kept as plain text; a browser shows none.",
    '<div id="129"><svg><image style=': "What follows the first </svg> of the attack is kept as plain, escaped text.",
    "<form><math><mtext></form><form><mglyph>": TAIL,
    "<math><mtext><table><mglyph>": TAIL,
    "<math><mtext><h1><a><h6>": TAIL,
    "<math><mtext><option><FAKEFAKE>": TAIL,
    "a<svg><xss><desc>": "An <svg> that is never closed loses its tag, its words stay escaped.",
    "<IMGSRC=&#": "References behind the unknown element become the letters they stand for.",
}


def verdict(ours: str, theirs: list[str]) -> str:
    """Ours against the nearest of their allowed results: same, stricter (less is left) or looser."""
    kept = Features(ours)
    verdicts = [_against(kept, Features(one)) for one in theirs]
    return min(verdicts, key=lambda one: ("same", "stricter").index(one) if one in ("same", "stricter") else 2)


def _against(kept: Features, wanted: Features) -> str:
    more = kept.found - wanted.found - OURS
    if more:
        return f"looser: {sorted(more)}"
    if not _within(kept.text, wanted.text):
        return f"looser in words: {kept.text[:80]}"
    return "same" if kept.found - OURS == wanted.found - OURS and kept.text == wanted.text else "stricter"


def _within(part: str, whole: str) -> bool:
    """Whether all characters of `part` stand in `whole` in this order."""
    rest = iter(whole)
    return all(character in rest for character in part)


def _explained(attack: str, result: str) -> bool:
    """Words alone can be explained; an element, an attribute or an address that others take away never is."""
    return result.startswith("looser in words") and any(attack.startswith(beginning) for beginning in LOOSER)


def test_nothing_is_kept_that_dompurify_takes_away():
    found = {"same": 0, "stricter": 0}
    looser = {}
    for case in dompurify():
        expected = case["expected"]
        ours = clean(case["payload"])
        result = verdict(ours, expected if isinstance(expected, list) else [expected])
        if result in found:
            found[result] += 1
        elif not _explained(case["payload"], result):
            looser[case["payload"]] = (result, ours, expected)
    assert looser == {}, json.dumps(looser, indent=1)
    assert found["same"] + found["stricter"] > 210


@pytest.mark.parametrize(("name", "given", "expected"), bleach() if DATA else [])
def test_nothing_is_kept_that_bleach_escapes(name, given, expected):
    result = verdict(clean(given), [expected])
    assert result in ("same", "stricter") or _explained(given, result)
