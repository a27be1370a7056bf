"""IPTC IIM 4.2: what agencies have sent with pictures since 1991."""

from articles.metadata import plain

CHARSET = (1, 90)
# ISO 2022 escapes that 1:90 may hold (IIM 4.2, 1:90; ISO-IR registry), by what follows the escape.
CHARSETS = {
    b"%G": "utf-8",
    b"%/G": "utf-8",
    b"%/H": "utf-8",
    b"%/I": "utf-8",
    b"-A": "latin-1",
    b".A": "latin-1",
    b"-B": "iso8859-2",
    b"-F": "iso8859-7",
    b"-G": "iso8859-6",
    b"-H": "iso8859-8",
    b"-L": "iso8859-5",
    b"-M": "iso8859-9",
}
MOST = 2000  # datasets; a file of an agency has some dozens


def parsed(data: bytes) -> dict[int, list[str]]:
    """The texts of the application record (record 2), by dataset number, as far as the bytes can be read."""
    raw = _datasets(data)
    charset = _charset(raw.get(CHARSET, [b""])[0])
    return {
        number: texts
        for (record, number), values in raw.items()
        if record == 2 and number and (texts := [_text(value, charset) for value in values])
    }


def _datasets(data: bytes) -> dict[tuple[int, int], list[bytes]]:
    """The raw values by record and dataset. Ends without a word where the bytes stop making sense."""
    found: dict[tuple[int, int], list[bytes]] = {}
    at = max(data.find(b"\x1c"), 0)
    for _count in range(MOST):
        if data[at : at + 1] != b"\x1c" or at + 5 > len(data):
            break
        record, number = data[at + 1], data[at + 2]
        size = int.from_bytes(data[at + 3 : at + 5], "big")
        at += 5
        if size & 0x8000:  # an extended dataset: the length of the length comes first
            digits = size & 0x7FFF
            if digits > 4:
                break
            size = int.from_bytes(data[at : at + digits], "big")
            at += digits
        found.setdefault((record, number), []).append(data[at : at + min(size, plain.LONGEST)])
        at += size
    return found


def _charset(marker: bytes) -> str:
    if b"\x1b" not in marker:
        return "utf-8" if marker.strip(b"\0 ").upper() in {b"UTF-8", b"UTF8"} else ""
    return CHARSETS.get(marker.rpartition(b"\x1b")[2].strip(b"\0 "), "")


def _text(value: bytes, charset: str) -> str:
    """Files say UTF-8 and hold something else, or the reverse; then what it can only be wins."""
    if charset and charset != "utf-8":
        return value.decode(charset, "replace")
    return plain.decoded(value)
