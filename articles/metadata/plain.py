"""Plain text out of what a file says: printable, in one line or several, and no longer than a field."""

import re

from newsroom.lib.markup import printable

# What cameras and programs write where a caption or a name belongs.
BOILERPLATE = re.compile(
    r"""
    (?:[\w-]+\s){0,3}digital\s(?:still\s)?camera         # OLYMPUS DIGITAL CAMERA
    | sony\sdsc | dsc | dcf\s\d\.\d | exif[\s_-]jpeg\S*  # SONY DSC, DCF 1.0, Exif_JPEG_PICTURE
    | [\w-]*\d[\w-]*\simage                              # GC-X1E Image
    | <[^<>]*(?:samsung|digimax|kenox)[^<>]*>            # <Digimax i50 MP3, Samsung #1 MP3>
    | \(c\)\sby\s.{1,60}\suser                           # (C) by Caplio Pro G3 User
    | (?:copyright|\(c\)|©)[\s,.:©]*\d{4}[\s.]* | \(c\)  # a notice that names nobody
    | untitled | unknown | created\swith\s(?:the\s)?gimp.* | charset=\S* | screenshot
    | (?:[a-z]:)?(?:[^\\/]{0,50}[\\/])*[^\\/\s]{1,100}    # names of files, with folders and without
      \.(?:jpe?g|jpe|png|gif|tiff?|webp|avif|hei[cf]|dng|nef|cr[23]|arw|psd|bmp)
    | (?:img|dsc[nf]?|dscf|pict|p|gopr|pxl|mvimg|image|photo|picture|screenshot)[\s_-]?\d[\d_-]*
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Nothing longer is boilerplate, and no pattern has to look at more.
LONGEST_BOILERPLATE = 200
# What is looked at of any one text, before it is cut to what its field holds.
LONGEST = 20_000


def decoded(raw: bytes) -> str:
    """The text of bytes that do not say how they are written: UTF-8 where they are that, else Windows-1252."""
    raw = raw[:LONGEST]
    for charset in ("utf-8", "cp1252"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError as error:
            if charset == "utf-8" and error.start >= len(raw) - 3 and len(raw) == LONGEST:
                return raw[: error.start].decode(charset)  # only cut in the midst of a character
    return raw.decode("latin-1")


def text(value: str) -> str:
    """`value` without what nobody can see; its lines stay lines."""
    lines = (" ".join(line.split()) for line in printable(value[:LONGEST]).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def line(value: str) -> str:
    """`value` in one line, without what nobody can see."""
    return " ".join(text(value).split())


def said(value: str) -> str:
    """`value`, or "" where it is what a camera or a program writes by itself."""
    value = text(value)
    if len(value) <= LONGEST_BOILERPLATE and BOILERPLATE.fullmatch(value):
        return ""
    return value if any(character.isalnum() for character in value) else ""


def fitting(value: str, longest: int) -> str:
    """`value`, cut after a word where it is too long."""
    if len(value) <= longest:
        return value
    cut = value[: longest - 1]
    whole = cut.rpartition(" ")[0]
    return f"{(whole if len(whole) > longest // 2 else cut).rstrip()}…"
