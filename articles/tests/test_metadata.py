"""What pictures say of themselves: each field, letters, which of three is right, and when it was taken."""

import io
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import time_machine
from django.test import Client, override_settings

from articles import library
from articles.factories import make_live
from articles.metadata import Words, read
from articles.models import Image
from articles.tests.metadata import alt, digest_of, exif, iim, jpeg, seq, xmp
from articles.tests.pictures import files

pytestmark = pytest.mark.once

__all__ = ["files"]

DESCRIPTION, ARTIST, COPYRIGHT, MAKE, MODEL = 0x010E, 0x013B, 0x8298, 0x010F, 0x0110
TAKEN, OFFSET, COMMENT = 0x9003, 0x9011, 0x9286


# One field after the other ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "field"),
    [(120, "caption"), (110, "credit"), (80, "creator"), (116, "copyright"), (115, "source")],
)
def test_iptc_iim_fills_its_fields(number, field):
    assert read(jpeg(iim((number, b"High water")))) == Words(**{field: "High water"})


@pytest.mark.parametrize(
    ("number", "line"),
    [
        (5, "Title: High water"),
        (25, "Keywords: High water"),
        (40, "Instructions: High water"),
        (85, "Creator's job: High water"),
        (90, "City: High water"),
        (101, "Country: High water"),
        (105, "Headline: High water"),
        (122, "Caption by: High water"),
    ],
)
def test_what_has_no_field_of_its_own_is_kept_to_search_for(number, line):
    assert read(jpeg(iim((number, b"High water")))) == Words(file_words=line)


@pytest.mark.parametrize(
    ("element", "field"),
    [
        (alt("dc:description", x_default="High water"), "caption"),
        (seq("dc:creator", "High water"), "creator"),
        (alt("dc:rights", x_default="High water"), "copyright"),
        ("<photoshop:Credit>High water</photoshop:Credit>", "credit"),
        ("<photoshop:Source>High water</photoshop:Source>", "source"),
        (alt("Iptc4xmpCore:AltTextAccessibility", x_default="High water"), "alt"),
    ],
)
def test_xmp_fills_its_fields(element, field):
    assert read(jpeg(xmp=xmp(element))) == Words(**{field: "High water"})


@pytest.mark.parametrize(
    ("element", "line"),
    [
        (alt("dc:title", x_default="Flood"), "Title: Flood"),
        (seq("dc:subject", "Flood", "Ebb", kind="Bag"), "Keywords: Flood, Ebb"),
        (alt("xmpRights:UsageTerms", x_default="Not for sale"), "Usage terms: Not for sale"),
        (alt("Iptc4xmpCore:ExtDescrAccessibility", x_default="Long"), "Extended description: Long"),
        (seq("Iptc4xmpExt:PersonInImage", "Jane Doe", kind="Bag"), "Persons: Jane Doe"),
        ("<photoshop:Headline>Flood</photoshop:Headline>", "Headline: Flood"),
        ("<photoshop:City>Lima</photoshop:City>", "City: Lima"),
        ("<photoshop:Country>Peru</photoshop:Country>", "Country: Peru"),
        (
            '<Iptc4xmpExt:DigitalSourceType rdf:resource="http://x.example/a"/>',
            "Digital source type: http://x.example/a",
        ),
    ],
)
def test_further_words_of_xmp_are_kept_to_search_for(element, line):
    assert read(jpeg(xmp=xmp(element))) == Words(file_words=line)


def test_simple_properties_of_xmp_may_be_attributes():
    packet = xmp(attributes='photoshop:Credit="Jane Doe" photoshop:DateCreated="2014-03-12T08:00:00Z"')
    assert read(jpeg(xmp=packet)) == Words(credit="Jane Doe", taken_at=datetime(2014, 3, 12, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    ("texts", "language", "caption"),
    [
        ({"x_default": "Flood", "de": "Flut"}, "en", "Flood"),
        ({"x_default": "Flood", "de_DE": "Flut"}, "de", "Flut"),
        ({"fr": "Crue", "de": "Flut"}, "en", "Flut"),
        ({"fr": "Crue", "es": "Riada"}, "en", "Crue"),
        ({"x_default": "  ", "fr": "Crue"}, "en", "Crue"),
    ],
)
def test_of_several_languages_the_sites_own_is_read_then_the_files_default(texts, language, caption):
    with override_settings(LANGUAGE_CODE=language):
        assert read(jpeg(xmp=xmp(alt("dc:description", **texts)))).caption == caption


def test_what_is_said_of_a_part_of_the_picture_is_not_said_of_the_picture():
    part = "<rdf:Description><dc:creator>Leonardo</dc:creator></rdf:Description>"
    packet = xmp(seq("dc:creator", "Jane Doe") + f"<Iptc4xmpExt:ArtworkOrObject>{part}</Iptc4xmpExt:ArtworkOrObject>")
    assert read(jpeg(xmp=packet)).creator == "Jane Doe"
    packet = xmp(f"<Iptc4xmpExt:ArtworkOrObject>{part}</Iptc4xmpExt:ArtworkOrObject>")
    assert read(jpeg(xmp=packet)) == Words()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-32-be"])
def test_xmp_is_read_in_every_encoding_that_it_may_have(encoding):
    packet = xmp(alt("dc:description", x_default="Zürich, 雨")).decode() + " " * 100
    assert read(jpeg(xmp=packet.encode(encoding))).caption == "Zürich, 雨"


def test_exif_fills_its_fields():
    data = exif({DESCRIPTION: "High water", ARTIST: "Jane Doe", COPYRIGHT: "Old Post"})
    assert read(jpeg(exif=data)) == Words(caption="High water", creator="Jane Doe", copyright="Old Post")


def test_the_photographers_and_the_editors_notice_are_both_kept():
    assert read(jpeg(exif=exif({COPYRIGHT: b"Jane Doe\0Old Post\0"}))).copyright == "Jane Doe; Old Post"


@pytest.mark.parametrize(
    "comment",
    [
        b"ASCII\0\0\0High water  \0",
        b"UNICODE\0" + "High water".encode("utf-16-le"),
        b"UNICODE\0" + "High water".encode("utf-16-be"),
        b"UNICODE\0" + "High water".encode("utf-16"),
        bytes(8) + b"High water",
    ],
)
def test_a_users_comment_is_kept_to_search_for_and_never_a_caption(comment):
    assert read(jpeg(exif=exif(photo={COMMENT: comment}))) == Words(file_words="Comment: High water")


def test_a_users_comment_that_is_no_text_says_nothing():
    assert read(jpeg(exif=exif(photo={COMMENT: bytes(8) + b"\x01\x02GCM\x00\xff"}))) == Words()


# Letters ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("charset", "raw"),
    [
        (b"\x1b%G", "Zoë, Kraków".encode()),
        (b"", "Zoë, Kraków".encode()),
        (b"\x1b%G", "Zoë, Krak".encode("cp1252") + "ó".encode("cp1252") + b"w"),  # says UTF-8 and is not
        (b"", "Zoë, Kraków".encode("cp1252")),
        (b"\x1b-B", "Zoë, Kraków".encode("iso8859-2")),
        (b"\x1b.A", "Zoë, Kraków".encode("latin-1")),
    ],
)
def test_iim_is_read_as_its_marker_says_else_as_utf_8_else_as_windows_wrote_it(charset, raw):
    assert read(jpeg(iim((120, raw), charset=charset))).caption == "Zoë, Kraków"


@pytest.mark.parametrize("charset", ["utf-8", "cp1252"])
def test_exif_is_read_in_what_cameras_and_programs_write(charset):
    assert read(jpeg(exif=exif({ARTIST: "Zoë".encode(charset)}))).creator == "Zoë"


def test_what_nobody_can_see_is_dropped():
    raw = b"High\0 wa\x07ter\x1b[31m\r\nat  night\x85 \xef\xbf\xbf"
    caption = read(jpeg(iim((120, raw), (110, b"\0Jane\nDoe\0")))).caption
    assert caption.startswith("High water[31m\nat night")
    assert caption.replace("\n", "").isprintable()
    assert read(jpeg(iim((110, b"\0Jane\nDoe\0")))).credit == "Jane Doe"


def test_markup_is_text_like_any_other(files, db):
    words = iim((120, b"<script>alert(1)</script>"), (110, b'"><img src=x onerror=alert(1)>'))
    image, _ = library.add(io.BytesIO(jpeg(words)), name="a.jpg")
    assert image.caption == "<script>alert(1)</script>"
    Image.objects.filter(pk=image.pk).update(alt="Water")
    image.refresh_from_db()
    edition = make_live(lead=image)
    html = Client().get(edition.get_absolute_url()).content.decode()
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert(1)" not in html
    assert "<img src=x" not in html


# Which of three is right --------------------------------------------------------------------------------


def three(**options: Any) -> bytes:
    """A picture in which EXIF, XMP and IIM tell three stories."""
    iptc = iim((120, b"IIM"))
    packet = xmp(alt("dc:description", x_default="XMP"))
    return jpeg(iptc, **({"xmp": packet, "exif": exif({DESCRIPTION: "EXIF"})} | options))


def test_exif_comes_first_then_xmp_then_iim():
    assert read(three()).caption == "EXIF"
    assert read(three(exif=b"")).caption == "XMP"
    assert read(three(exif=b"", xmp=b"")).caption == "IIM"


def test_iim_that_was_changed_after_xmp_was_written_comes_before_it():
    unchanged, changed = digest_of(iim((120, b"IIM"))), digest_of(b"another")
    assert read(three(exif=b"", digest=unchanged)).caption == "XMP"
    assert read(three(exif=b"", digest=changed)).caption == "IIM"


def test_a_text_that_was_cut_off_or_lost_its_accents_gives_way_to_the_whole_one():
    name = "Zoë Müller-Lüdenscheidt of the Old Post"
    packet = xmp(seq("dc:creator", name))
    cut = iim((80, name.encode()[:32]))
    assert read(jpeg(cut, digest_of(b"another"), xmp=packet)).creator == name
    assert read(jpeg(xmp=packet, exif=exif({ARTIST: name.encode("ascii", "replace")}))).creator == name


def test_several_creators_are_all_kept():
    assert read(jpeg(xmp=xmp(seq("dc:creator", "Jane", "Joe")))).creator == "Jane; Joe"
    assert read(jpeg(iim((80, b"Jane"), (80, b"Joe")))).creator == "Jane; Joe"


@pytest.mark.parametrize(
    "text",
    [
        "OLYMPUS DIGITAL CAMERA         ",
        "MINOLTA DIGITAL CAMERA",
        "SONY DSC",
        "DCF 1.0",
        "Exif_JPEG_PICTURE",
        "GC-X1E Image",
        "<Digimax i50 MP3, Samsung #1 MP3>",
        "DCIM\\100GOPRO\\GOPR0482.JPG",
        "C:\\DOCUME~1\\jane\\river.jpg",
        "IMG_4711",
        "IMG_4711.JPG",
        "Screenshot",
        "Created with GIMP",
        "untitled",
        "charset=Ascii",
        "          ",
        "...",
    ],
)
def test_what_cameras_and_programs_write_by_themselves_is_no_caption(text):
    assert read(
        jpeg(exif=exif({DESCRIPTION: text}), xmp=xmp(alt("dc:description", x_default=text.replace("<", ""))))
    ) == (Words(caption=text.replace("<", "")) if text.startswith("<") else Words())


def test_the_name_of_the_camera_is_no_caption():
    assert read(jpeg(exif=exif({MAKE: "WWL", MODEL: "ION230", DESCRIPTION: "WWL ION230"}))) == Words()


@pytest.mark.parametrize("notice", ["(C) by Caplio Pro G3 User", "COPYRIGHT, 2005", "© 2020", "(c)", "    "])
def test_a_notice_that_names_nobody_is_no_copyright(notice):
    assert read(jpeg(exif=exif({COPYRIGHT: notice.encode()}))) == Words()


@pytest.mark.parametrize(
    "text",
    [
        "A digital camera lies on the table",
        "Mirror image",
        "Image of the year",
        "The photo shop in Lima",
        "DSC officials meet",
        "The logo of example.jpg and others",
        "洪水",
        "فيضان",
    ],
)
def test_a_caption_is_not_taken_for_what_cameras_write(text):
    assert read(jpeg(exif=exif({DESCRIPTION: text.encode()}))).caption == text


def test_alt_text_is_never_made_of_a_caption_a_title_or_a_file_name():
    words = read(
        jpeg(
            iim((120, b"High water"), (5, b"Flood")),
            exif=exif({DESCRIPTION: "High water"}),
            xmp=xmp(alt("dc:description", x_default="High water") + alt("dc:title", x_default="Flood")),
        )
    )
    assert words.caption == "High water"
    assert words.alt == ""


# When it was taken ----------------------------------------------------------------------------------------


@override_settings(TIME_ZONE="America/Lima")
@pytest.mark.parametrize(
    ("data", "taken"),
    [
        (exif(photo={TAKEN: "2014:03:12 08:00:00", OFFSET: "+01:00"}), "2014-03-12T07:00:00+00:00"),
        (exif(photo={TAKEN: "2014:03:12 08:00:00"}), "2014-03-12T13:00:00+00:00"),
        (exif(photo={TAKEN: "2014:03:12 08:00:00", OFFSET: "   :  "}), "2014-03-12T13:00:00+00:00"),
        (exif(photo={TAKEN: "2014:03:12 08:00:00", OFFSET: "+99:99"}), None),
        (exif(photo={TAKEN: "0000:00:00 00:00:00"}), None),
        (exif(photo={TAKEN: "    :  :     :  :  "}), None),
        (exif(photo={TAKEN: "2014:02:30 08:00:00"}), None),
        (exif(photo={TAKEN: "1066:10:14 08:00:00"}), None),
        (exif(photo={TAKEN: "2099:01:01 08:00:00"}), None),
    ],
)
def test_the_moment_of_exif_has_an_offset_or_is_local_time(data, taken):
    assert read(jpeg(exif=data)).taken_at == (datetime.fromisoformat(taken) if taken else None)


@pytest.mark.parametrize(
    ("created", "taken"),
    [
        ("2014-03-12T08:00:00.25-05:00", datetime(2014, 3, 12, 8, tzinfo=timezone(timedelta(hours=-5)))),
        ("2014-03-12T08:00", datetime(2014, 3, 12, 8, tzinfo=UTC)),
        ("2014-03-12", datetime(2014, 3, 12, tzinfo=UTC)),
        ("2014-03", None),
        ("2014", None),
        ("long ago", None),
    ],
)
def test_xmp_may_know_the_day_alone_and_a_year_is_no_moment(created, taken):
    assert read(jpeg(xmp=xmp(f"<photoshop:DateCreated>{created}</photoshop:DateCreated>"))).taken_at == taken


def test_iim_knows_the_day_and_perhaps_the_hour():
    assert read(jpeg(iim((55, b"20140312")))).taken_at == datetime(2014, 3, 12, tzinfo=UTC)
    hour = iim((55, b"20140312"), (60, b"080000+0100"))
    assert read(jpeg(hour)).taken_at == datetime(2014, 3, 12, 7, tzinfo=UTC)
    day = xmp("<photoshop:DateCreated>2014-03-12</photoshop:DateCreated>")
    assert read(jpeg(hour, xmp=day)).taken_at == datetime(2014, 3, 12, 7, tzinfo=UTC), "the same day, told exactly"


@time_machine.travel("2014-03-12T08:00:00Z", tick=False)
def test_a_clock_may_be_some_hours_ahead_and_not_a_week():
    assert read(jpeg(exif=exif(photo={TAKEN: "2014:03:12 19:00:00"}))).taken_at
    assert read(jpeg(exif=exif(photo={TAKEN: "2014:03:19 19:00:00"}))).taken_at is None
