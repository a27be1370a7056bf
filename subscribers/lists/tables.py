"""Lists in files: rows of cells as spreadsheets and other newsletter services write them, however long they are.

A cell that a spreadsheet would take for a formula is written with an apostrophe before it, and read without.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

LONGEST_LINE = 200_000  # characters
DELIMITERS = (",", ";", "\t")
# What begins a formula in one spreadsheet or another (OWASP, CSV injection), also in full width.
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
ESCAPED = re.compile(r"'(?=[=+\-@\t\r\n＝＋－＠'])")

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE = 4096
_QUOTED = re.compile(r'"[^"]*"')
_EXCELS_HINT = re.compile(r"sep=(.)\s*", re.I)


class Unreadable(Exception):
    """The file, or what follows in it, is no list. Its text is a sentence for whoever brought it."""


@dataclass(frozen=True)
class Row:
    """The cells of one row, and the line of the file that it begins in, counted from 1."""

    line: int
    cells: list[str]


def read(file: BinaryIO) -> Iterator[Row]:
    """The rows of a seekable file, but for empty ones, without holding more than one of them.

    The encoding is UTF-8 or UTF-16, with or without a mark; what is neither shows as U+FFFD in its cell.
    Cells are parted by commas, semicolons or tabs. Raises Unreadable where a row cannot be told from the next.
    """
    text = io.TextIOWrapper(file, _encoding(file), errors="replace", newline="")
    try:
        yield from _rows(text)
    finally:
        if not text.closed:
            text.detach()  # or it would close the file


def write(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The rows as lines of a file that `read` reads back, and that no spreadsheet takes for formulas."""
    line = io.StringIO()
    writer = csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in rows:
        writer.writerow([escape(cell) for cell in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def escape(cell: str) -> str:
    """The cell as it is written; `unescape` gives it back exactly."""
    return f"'{cell}" if FORMULA.match(cell) or ESCAPED.match(cell) else cell


def unescape(cell: str) -> str:
    return cell[1:] if ESCAPED.match(cell) else cell


def _encoding(file: BinaryIO) -> str:
    """By the mark at the beginning; else UTF-16 has a zero in every other byte of Latin text."""
    start = file.read(_SAMPLE)
    file.seek(0)
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    if start[1::2].count(0) > len(start) // 4:
        return "utf-16-le"
    return "utf-16-be" if start[0::2].count(0) > len(start) // 4 else "utf-8"


def _rows(text: io.TextIOWrapper) -> Iterator[Row]:
    lines = _lines(text)
    first = next(lines, "")
    skipped = 0
    while first and not first.strip():
        first, skipped = next(lines, ""), skipped + 1
    if hint := _EXCELS_HINT.fullmatch(first):
        delimiter, skipped = hint[1], skipped + 1
    else:
        delimiter = _delimiter(first)
        lines = _before(first, lines)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        number = reader.line_num + skipped + 1
        try:
            cells = [unescape(cell) for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            sentence = _("Line %(line)d cannot be read: a quotation mark in it may be open. Nothing after it is read.")
            raise Unreadable(sentence % {"line": number}) from error
        if any(cell.strip() for cell in cells):
            yield Row(number, cells)


def _before(first: str, others: Iterator[str]) -> Iterator[str]:
    yield first
    yield from others


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise Unreadable(_("A line of this file is longer than any list's. Check that it is a text file."))
        yield line


def _delimiter(header: str) -> str:
    """That which stands most often in the first line; a comma where none does."""
    bare = _QUOTED.sub("", header)
    return max(DELIMITERS, key=lambda sign: (bare.count(sign), sign == ","))
