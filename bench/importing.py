"""How fast articles come in, beside rendering the same Markdown and storing one row for each."""

import time
from pathlib import Path

ARTICLE = """---
title: "Article number {number}"
date: 2026-01-{day:02d} 10:00:00
authors: [ada-writer]
tags: [harbour, storms]
excerpt: The wall is being raised.
---

## A heading

{paragraphs}

* one
* two with [a link](https://example.org/{number})
"""


def write_source(folder: Path, count: int) -> None:
    """`count` Markdown files of some 500 words."""
    folder.mkdir()
    paragraphs = "\n\n".join(["The harbour wall is *being raised* before the autumn storms. " * 10] * 6)
    for number in range(count):
        text = ARTICLE.format(number=number, day=1 + number % 28, paragraphs=paragraphs)
        (folder / f"{number:04d}.md").write_text(text)


def limit(folder: Path) -> float:
    """Files per second: read, render with markdown-it, sanitise, insert one row in a transaction of its own."""
    from django.db import transaction
    from markdown_it import MarkdownIt

    from articles.models import Article
    from newsroom.lib.html import clean

    files = sorted(folder.iterdir())
    start = time.perf_counter()
    for file in files:
        body = clean(MarkdownIt().render(file.read_text()))
        with transaction.atomic():
            Article.objects.create(headline=file.stem, body=body)
    return len(files) / (time.perf_counter() - start)


def speed(folder: Path) -> float:
    """Files per second through `manage.py import_articles`, in this process."""
    from django.core.management import call_command

    count = len(list(folder.iterdir()))
    start = time.perf_counter()
    with open("/dev/null", "w") as nowhere:
        call_command("import_articles", str(folder), format="markdown", stdout=nowhere)
    return count / (time.perf_counter() - start)
