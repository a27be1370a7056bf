"""Where each format keeps its words, files made to harm, and real files."""

import os
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from articles.metadata import Words, read
from articles.models import Image
from articles.tests.metadata import alt, chunk, digest_of, exif, gif, iim, jpeg, made, png, resources, tiff, xmp
from articles.tests.pictures import files

pytestmark = pytest.mark.once

__all__ = ["files"]

DATA = os.environ.get("NEWSROOM_TEST_DATA", "")
needs_data = pytest.mark.skipif(not DATA, reason="NEWSROOM_TEST_DATA names no folder with real pictures")
DESCRIPTION = 0x010E

# Formats --------------------------------------------------------------------------------------------------

PACKET = xmp(alt("dc:description", x_default="High water"))
EXIF = exif({DESCRIPTION: "High water"})
HIGH_WATER = Words(caption="High water")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(made("WEBP", xmp=PACKET), id="WebP, XMP"),
        pytest.param(made("WEBP", exif=EXIF), id="WebP, EXIF"),
        pytest.param(made("AVIF", xmp=PACKET), id="AVIF, XMP"),
        pytest.param(made("AVIF", exif=EXIF), id="AVIF, EXIF"),
        pytest.param(png(("XML:com.adobe.xmp", PACKET.decode())), id="PNG, XMP"),
        pytest.param(png(exif=EXIF), id="PNG, EXIF"),
        pytest.param(png(("Description", "High water")), id="PNG, its own text"),
        pytest.param(png(behind=((b"tEXt", b"Description\0High water"),)), id="PNG, text behind the picture"),
        pytest.param(png(behind=((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + PACKET),)), id="PNG, XMP behind"),
        pytest.param(
            png(behind=((b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(PACKET)),)), id="PNG, XMP packed"
        ),
        pytest.param(
            png(
                (
                    "Raw profile type iptc",
                    f"\niptc\n  {len(iim((120, b'High water')))}\n{iim((120, b'High water')).hex()}\n",
                )
            ),
            id="PNG, IIM as ImageMagick writes it",
        ),
        pytest.param(
            png(("Raw profile type iptc", "\niptc\n 99\n" + resources(iim((120, b"High water"))).hex())),
            id="PNG, IIM within resources",
        ),
        pytest.param(png(("Raw profile type exif", "\nexif\n 99\n" + (EXIF).hex())), id="PNG, EXIF as ImageMagick"),
        pytest.param(gif(PACKET), id="GIF, XMP"),
        pytest.param(tiff(PACKET), id="TIFF, XMP"),
        pytest.param(tiff(iptc=iim((120, b"High water"))), id="TIFF, IIM"),
        pytest.param(tiff(exif=EXIF), id="TIFF, EXIF"),
    ],
)
def test_every_format_is_read_where_it_keeps_words(data):
    assert read(data) == HIGH_WATER


def test_a_comment_in_a_gif_says_nothing():
    assert read(made("GIF", comment=b"High water")) == Words()


def test_the_other_texts_of_a_png_have_their_places():
    data = png(("Author", "Jane"), ("Copyright", "Old Post"), ("Title", "Flood"), ("Software", "A program"))
    assert read(data) == Words(creator="Jane", copyright="Old Post", file_words="Title: Flood")


def test_xmp_that_did_not_fit_into_one_segment_is_read_too():
    body = xmp("<photoshop:Credit>Jane Doe</photoshop:Credit>")
    head = b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 32
    half = len(body) // 2
    parts = [
        (0xE1, head + len(body).to_bytes(4, "big") + at.to_bytes(4, "big") + piece)
        for at, piece in ((half, body[half:]), (0, body[:half]))
    ]
    assert read(jpeg(segments=tuple(parts), xmp=PACKET)) == Words(caption="High water", credit="Jane Doe")


# Bounds, and files made to harm ---------------------------------------------------------------------------


def test_texts_are_cut_to_what_the_fields_hold():
    words = read(jpeg(iim((120, b"word " * 2500), (110, b"x" * 2000)), xmp=xmp(alt("dc:rights", x_default="r " * 500))))
    assert 4900 < len(words.caption) <= 5000
    assert words.caption.endswith(" word…")
    assert (len(words.credit), len(words.copyright)) == (255, 254)


def test_keywords_without_end_are_cut(db):
    words = read(jpeg(iim(*[(25, b"keyword %d" % n) for n in range(3000)])))
    assert len(words.file_words) <= 2000


def seconds(data: bytes) -> float:
    start = time.perf_counter()
    assert read(data) == Words()
    return time.perf_counter() - start


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "' + b"&a;" * 1000 + b'"><!ENTITY c "' + b"&b;" * 1000 + b'">]>'
OUTSIDE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            jpeg(xmp=LAUGHS + xmp(alt("dc:description", x_default="&amp;c;")).replace(b"&amp;c", b"&c")), id="laughs"
        ),
        pytest.param(
            jpeg(xmp=OUTSIDE + xmp(alt("dc:description", x_default="&amp;e;")).replace(b"&amp;e", b"&e")), id="outside"
        ),
        pytest.param(made("WEBP", xmp=b"<a>" * 170_000), id="XMP without an end"),
        pytest.param(made("WEBP", xmp=b"<a>" * 2_000_000), id="too much XMP"),
        pytest.param(jpeg(xmp=b"no XML"), id="no XMP"),
        pytest.param(jpeg(xmp=b"\0<\0"), id="half a letter"),
        pytest.param(jpeg(iim()[:0] + b"\x1c\x02\x78\x80\x04\xff\xff\xff\xff"), id="IIM of 4 GB"),
        pytest.param(jpeg(b"\x1c\x02\x78\xff\xff"), id="IIM with a length without an end"),
        pytest.param(jpeg(b"\x1c" * 60_000), id="IIM of markers"),
        pytest.param(jpeg(segments=((0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff"),)), id="EXIF beyond its end"),
        pytest.param(jpeg(segments=((0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff"),)), id="EXIF of 65535 tags"),
        pytest.param(jpeg(segments=((0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\xff\xff\xff\xff"),)), id="resources"),
        pytest.param(gif(b"")[:-300] + b"!\xff\x0bXMP DataXMP" * 200_000, id="GIF of beginnings"),
        pytest.param(
            png(behind=tuple((b"zTXt", b"k%d\0\0" % n + zlib.compress(bytes(1_000_000))) for n in range(300))),
            id="PNG of bombs",
        ),
        pytest.param(png(behind=((b"zTXt", b"Title\0\0no zlib"),)), id="PNG with damaged text"),
        pytest.param(made("PNG")[:-12] + chunk(b"juNK", b"") * 300_000, id="PNG of empty chunks"),
        pytest.param(png(("Raw profile type iptc", "\niptc\n 5\nzz")), id="PNG with a damaged profile"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="a signature"),
        pytest.param(b"II*\0\x08\0\0\0\xff\xff", id="half a TIFF"),
        pytest.param(b"RIFF\xff\xff\xff\xffWEBPEXIF", id="half a WebP"),
    ],
)
def test_no_file_raises_or_takes_long(data):
    assert seconds(data) < 3


def test_a_broken_packet_says_nothing_and_the_others_still_do():
    assert read(jpeg(iim((110, b"Jane Doe")), xmp=b"<broken", exif=EXIF)) == Words("High water", "Jane Doe")


def test_a_file_cut_off_anywhere_raises_nothing():
    data = jpeg(iim((120, b"High water")), digest_of(b""), xmp=PACKET, exif=EXIF)
    for end in range(0, len(data), 7):
        assert isinstance(read(data[:end]), Words)


# Real files -----------------------------------------------------------------------------------------------


REAL = {
    "exiftool/IPTC.jpg": {
        "caption": "A witty caption",
        "credit": "My Credit",
        "creator": "Phil Harvey",
        "copyright": "Copyright 2004 Phil Harvey",
        "source": "I'm the source",
        "taken_at": datetime(2004, 2, 26, tzinfo=UTC),
    },
    "exiftool/PhotoMechanic.jpg": {
        "caption": "Caption",
        "credit": "Credit",
        "creator": "Photographer",
        "copyright": "Copyright",
        "source": "Source",
        "taken_at": datetime(2006, 10, 29, 11, 27, 51, tzinfo=UTC),
    },
    "exiftool/MWG.jpg": {  # whose values say themselves which of them are right
        "caption": "RIGHT-EXIF-Description",
        "creator": "RIGHT1of2-EXIF-Creator; RIGHT2of2-EXIF-Creator",
        "copyright": "RIGHT-XMP-Copyright",
        "taken_at": datetime(2001, 1, 1, 1, 11, 11, tzinfo=UTC),
        "file_words": "Keywords: RIGHT1of2-XMP-Keywords, RIGHT2of2-XMP-Keywords\n"
        "City: RIGHT-XMP-City\nCountry: RIGHT-IPTC-Country",
    },
    "exiftool/ExifTool.jpg": {
        "caption": "A witty caption",
        "credit": "My Credit",
        "creator": "Phil Harvey",
        "copyright": "Copyright 2004 Phil Harvey",
        "taken_at": datetime(2001, 5, 19, 18, 36, 41, tzinfo=UTC),
    },
    "exiftool/ExifTool.tif": {
        "caption": "The picture caption",
        "credit": "Phil Harvey",
        "creator": "I'm the author",
        "copyright": "Copyright notice",
        "source": "My camera",
    },
    "metadata-extractor-images/jpg/Photoshop (3).jpg": {
        "caption": "Test description string for metadata-extractor",
        "creator": "Test author string for metadata-extractor",  # of which IIM holds 32 letters
        "copyright": "Test copyright string for metadata-extractor",
        "credit": "",
    },
    "pillow/iptc.jpg": {
        "caption": "",
        "taken_at": datetime(2006, 7, 8, 21, 14, 45, tzinfo=UTC),
        "file_words": "Keywords: HvK, 2006, summer, July, holiday, Hungary, Budapest\nCity: Budapest\nCountry: Hungary",
    },
    "metadata-extractor-images/jpg/Issue 122.jpg": {
        "credit": "Getty Images",
        "creator": "Stephen Dunn",
        "source": "Getty Images North America",
    },
    "exif-samples/jpg/long_description.jpg": {
        "creator": "SSG KYLE DAVIS",
        "credit": "HHC 1ST BCT, 10TH MOUNTAIN",
        "alt": "",
    },
    "exif-samples/jpg/Pentax_K10D.jpg": {
        "caption": "",
        "creator": "Laitche",
        "copyright": "Laitche (This file is in the public domain.)",
    },
    "exif-samples/jpg/Samsung_Digimax_i50_MP3.jpg": {"caption": "", "copyright": ""},
    "exif-samples/jpg/WWL_(Polaroid)_ION230.jpg": {"caption": ""},
    "exiftool/Olympus2.jpg": {"caption": "", "creator": "", "copyright": ""},
    "exiftool/GoPro.jpg": {"caption": ""},
    "exiftool/Google.jpg": {"taken_at": datetime(2023, 10, 6, 20, 53, 51, tzinfo=UTC)},
    "exiftool/PNG.png": {"creator": "Phil Harvey"},
    "exiftool/RIFF.webp": {"creator": "me", "file_words": "Keywords: test"},
    "metadata-extractor-images/png/sampleWithExifData.png": {
        "caption": "This is an image with exif data",
        "copyright": "Acme",
    },
}


@needs_data
@pytest.mark.parametrize("name", REAL)
def test_real_pictures_say_what_is_known_of_them(name):
    words = read((Path(DATA) / "images-metadata" / name).read_bytes())
    assert {field: getattr(words, field) for field in REAL[name]} == REAL[name]


@needs_data
@pytest.mark.parametrize("folder", ["images-metadata", "images-hostile", "images-formats"])
def test_every_real_picture_is_read_quickly_into_words_that_fit(folder):
    limits = {"alt": 500, "credit": 255, "creator": 255, "copyright": 255, "source": 255, "caption": 5000}
    count = 0
    for file in (path for path in (Path(DATA) / folder).rglob("*") if path.is_file()):
        start = time.perf_counter()
        words = read(file.read_bytes())
        assert time.perf_counter() - start < 2, file
        for field, longest in limits.items():
            text = getattr(words, field)
            assert len(text) <= longest, file
            assert text.replace("\n", "").replace("\u200b", "").isprintable(), file
        assert Image(**vars(words)).taken_at == words.taken_at
        count += 1
    assert count > 50
