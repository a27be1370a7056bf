"""Readers never meet an English word of the interface on a German or Arabic page."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from articles.factories import make_live
from subscribers.factories import make_newsletter

pytestmark = pytest.mark.once

# What readers and subscribers see. Catalogues may hold more; of these they hold everything.
TEMPLATES = (
    "base.html",
    "bare.html",
    "4*.html",
    "500.html",
    "articles",
    "flatpages",
    "comments",
    "subscribers",
    "emails/comment-*",
    "emails/newsletter-*",
)
MODULES = (
    "articles/views.py",
    "articles/feeds.py",
    "articles/jsonld.py",
    "articles/errors.py",
    "articles/diff/*.py",
    "articles/search/asking.py",
    "articles/templatetags/*.py",
    "comments/answering.py",
    "comments/readers/*.py",
    "comments/editing.py",
    "comments/*forms.py",
    "comments/posting.py",
    "comments/sending.py",
    "comments/policy.py",
    "comments/views.py",
    "newsroom/lib/emails.py",
    "subscribers/forms.py",
    "subscribers/pages.py",
    "subscribers/preference_*.py",
    "subscribers/views.py",
    "newsroom/lib/sameorigin.py",
)
TAG = re.compile(r"""{%\s*translate\s+(?:"([^"]+)"|'([^']+)')(?:\s+context\s+(?:"([^"]+)"|'([^']+)'))?""")
BLOCK = re.compile(
    r"{%\s*blocktranslate(?P<options>[^%]*)%}(?P<one>.*?)(?:{%\s*plural\s*%}.*?)?{%\s*endblocktranslate", re.S
)
GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
PGETTEXT = {"pgettext", "pgettext_lazy"}
# The same word in both languages, or a sign.
SAME = {"%(added)s, %(removed)s.", "Mails", "Newsletter", "Newsletters", "Feed", ",", "j M Y"}


def sentences() -> set[tuple[str, str]]:
    """Context and words of all that is translatable in front of readers."""
    found = set()
    for pattern in TEMPLATES:
        for top in Path(settings.BASE_DIR / "templates").glob(pattern):
            for file in [top] if top.is_file() else top.rglob("*.*"):
                found |= _of_template(file.read_text())
    for pattern in MODULES:
        for file in settings.BASE_DIR.glob(pattern):
            found |= _of_module(file.read_text())
    return found


def _of_template(source: str) -> set[tuple[str, str]]:
    words = {(m[3] or m[4] or "", m[1] or m[2]) for m in TAG.finditer(source)}
    for block in BLOCK.finditer(source):
        text = block["one"]
        if "trimmed" in block["options"]:
            text = " ".join(line.strip() for line in text.strip().splitlines())
        words.add(("", re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", text)))
    return words


def _of_module(source: str) -> set[tuple[str, str]]:
    found = set()
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in GETTEXT | PGETTEXT:
            words = [part.value for part in call.args if isinstance(part, ast.Constant)]
            found |= {(words[0], words[1])} if call.func.id in PGETTEXT else {("", words[0])} if words else set()
    return found


def is_translated(context: str, words: str) -> bool:
    alone = translation.pgettext(context, words) if context else translation.gettext(words)
    return alone != words or translation.ngettext(words, words + "s", 1) != words


@pytest.mark.parametrize("language", ["de", "ar"])
def test_every_sentence_for_readers_is_translated(language):
    found = sentences()
    assert len(found) > 100
    with translation.override(language):
        missing = [words for context, words in found if words not in SAME and not is_translated(context, words)]
    assert missing == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "menu", "latest"), [("de", "Menü", "Neueste Nachrichten"), ("ar", "القائمة", "آخر الأخبار")]
)
def test_a_page_speaks_its_language(client: Client, language, menu, latest):
    make_newsletter(name="X", slug="x")
    path = make_live(language=language).path
    make_live(language=language)
    page = client.get(path).content.decode()
    assert menu in page and latest in page
    for english in ("Menu", "Latest news", ">Published<", "Write a comment", "Subscribe", "Skip to"):
        assert english not in page
    assert client.get(f"/{language}/nowhere/").status_code == 404
