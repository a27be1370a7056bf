"""Words of files in the library, and in what readers are sent."""

import io
from datetime import UTC, datetime

import pytest

from articles import library, metadata
from articles.metadata import Words, read, written
from articles.models import Image
from articles.tests.metadata import exif, iim, jpeg, made
from articles.tests.pictures import files

pytestmark = pytest.mark.once

__all__ = ["files"]

TAKEN = 0x9003

# In the library -------------------------------------------------------------------------------------------


def test_an_upload_has_the_words_of_its_file(files, db):
    data = jpeg(
        iim((120, b"High water"), (110, b"Jane Doe"), (25, b"Flood")), exif=exif(photo={TAKEN: "2014:03:12 08:00:00"})
    )
    image, _ = library.add(io.BytesIO(data), name="river.jpg")
    image.refresh_from_db()
    assert (image.caption, image.credit, image.alt, image.file_words) == (
        "High water",
        "Jane Doe",
        "",
        "Keywords: Flood",
    )
    assert image.taken_at == datetime(2014, 3, 12, 8, tzinfo=UTC)


def test_words_that_somebody_gave_are_better_than_those_of_the_file(files, db):
    image, _ = library.add(io.BytesIO(jpeg(iim((120, b"High water"), (110, b"Jane Doe")))), caption="Low water")
    assert (image.caption, image.credit) == ("Low water", "Jane Doe")


def test_words_to_search_for_are_added_to_those_that_came_along(files, db):
    image, _ = library.add(io.BytesIO(jpeg(iim((25, b"Flood"), (5, b"Rise")))), file_words="Title: Rise")
    assert image.file_words == "Title: Rise\nKeywords: Flood"


def test_reading_again_fills_only_what_is_empty(files, db):
    image, _ = library.add(io.BytesIO(jpeg(iim((120, b"High water"), (110, b"Jane Doe"), (25, b"Flood")))))
    Image.objects.filter(pk=image.pk).update(caption="Low water", credit="", file_words="")
    image.refresh_from_db()
    assert metadata.reread(image) == ["credit", "file_words"]
    image.refresh_from_db()
    assert (image.caption, image.credit, image.file_words) == ("Low water", "Jane Doe", "Keywords: Flood")
    assert metadata.reread(image) == []


# What readers' files carry ----------------------------------------------------------------------------------

KINDS = ("JPEG", "PNG", "WEBP", "AVIF")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "words",
    [
        {"creator": "Zoë Müller", "credit": "Zoë Müller/Old Post", "copyright": "© 2026 Old Post"},
        {"credit": "雨 & <b>Co</b>"},
        {"creator": "Jane; Joe"},
        {"copyright": "محفوظة ]]> \"'"},
    ],
)
def test_words_that_were_written_are_read_from_the_bytes(kind, words):
    data = made(kind, **written(Image(**words)))
    assert read(data) == Words(**words)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_words_are_the_same_bytes(kind):
    first, second = (made(kind, **written(Image(creator="Jane", credit="Jane/Post", copyright="© Post"))) for _ in "12")
    assert first == second


@pytest.mark.parametrize("kind", KINDS)
def test_exif_alone_tells_creator_and_copyright_too(kind):
    data = made(kind, exif=written(Image(creator="Zoë", credit="Zoë/Post", copyright="© Post"))["exif"])
    assert read(data) == Words(creator="Zoë", copyright="© Post")


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_else_is_written(kind):
    secret = Image(
        credit="Jane",
        alt="SECRET",
        caption="SECRET",
        source="SECRET",
        file_words="City: SECRET",
        file_name="SECRET.jpg",
        rights_denied="SECRET",
        taken_at=datetime(2014, 3, 12, tzinfo=UTC),
    )
    data = made(kind, **written(secret))
    assert b"SECRET" not in data
    assert b"2014" not in data


def test_a_picture_without_words_is_written_without_options():
    assert written(Image(caption="High water", alt="Water")) == {}


def test_characters_that_xml_forbids_do_no_harm():
    data = made("JPEG", **written(Image(credit="Ja\0ne\x07 Doe\ufffe")))
    assert read(data).credit == "Jane Doe"
