"""How many pieces a picture's file is made of, counted before anything decodes it.

A file of some megabytes may hold millions of pieces with nothing in them, or show a small picture in a tile of
gigabytes. Decoders take all of it as it comes: for minutes and hours, and in more memory than there is.
"""

import re
import struct

# Of a JPEG before its picture, and of a PNG. Photographs have some dozens; a PNG of 50 MB in pieces of 1 KB half of it.
MOST_SEGMENTS, MOST_CHUNKS = 10_000, 100_000
# Passes over a progressive JPEG, each over all of its pixels. Programs write ten, those that try all ways some sixty.
MOST_SCANS = 100
# Of a JPEG what has a length, and its end: 00 and FF in the midst of a scan are bytes of it, the others stand alone.
MARKER = re.compile(rb"\xff[^\x00\x01\xff\xd0-\xd8]")
SCAN, END = 0xDA, 0xD9


def too_many(data: bytes) -> bool:
    """Whether there are more pieces than any program writes."""
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    return data.startswith(b"\x89PNG") and _png(data)


def _jpeg(data: bytes) -> bool:
    segments = scans = 0
    at = 2
    while found := MARKER.search(data, at):
        at, kind = found.end(), found[0][1]
        if kind == END:
            return False
        segments, scans = segments + 1, scans + (kind == SCAN)
        if segments > MOST_SEGMENTS or scans > MOST_SCANS:
            return True
        at += int.from_bytes(data[at : at + 2], "big")
    return False


def _png(data: bytes) -> bool:
    at = 8
    for _count in range(MOST_CHUNKS):
        if at >= len(data):
            return False
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return True


def pages(data: bytes, most: int) -> int:
    """How many pages a TIFF says it has, at most so many. Only the way from one to the next is looked at.

    TIFF 6.0, section 2; BigTIFF has numbers of eight bytes.
    """
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    number, count, entry = ("Q", "Q", 20) if big else ("I", "H", 12)
    seen: set[int] = set()
    place = 8 if big else 4
    while len(seen) < most:
        try:
            (at,) = struct.unpack_from(order + number, data, place)
            if not at or at in seen:
                break
            (entries,) = struct.unpack_from(order + count, data, at)
        except (struct.error, OverflowError):
            break
        seen.add(at)
        place = at + struct.calcsize(count) + entries * entry
    return max(1, len(seen))
