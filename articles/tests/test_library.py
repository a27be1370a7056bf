"""What the library of pictures takes, and what it refuses."""

import io
import re
import struct
import zlib
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.db import transaction

from articles import decoding, jobs, library
from articles.models import Image
from articles.tests.pictures import exif, files, kept, scene, upload

__all__ = ["files"]

pytestmark = pytest.mark.django_db


def refusal(data: bytes) -> str:
    """The sentence with which these bytes are refused."""
    with pytest.raises(library.Refused) as caught:
        library.add(io.BytesIO(data), name="picture.jpg")
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("AVIF", "image/avif"),
        ("GIF", "image/gif"),
        ("TIFF", "image/tiff"),
    ],
)
def test_a_picture_is_what_its_bytes_are_whatever_it_is_called(files, kind, media_type):
    image, new = library.add(upload(scene(), kind), name="letter.doc")
    assert new
    assert (image.media_type, image.width, image.height) == (media_type, 60, 40)


def test_a_new_asset_keeps_its_words_its_name_and_who_brought_it(files, alice):
    image, _ = library.add(upload(scene()), name="C:\\holiday\\sea.jpg", by=alice, alt="The sea", credit="Alice")
    image.refresh_from_db()
    assert (image.alt, image.credit, image.file_name, image.uploaded_by) == ("The sea", "Alice", "sea.jpg", alice)


def test_the_original_is_kept_byte_for_byte_under_a_name_nobody_typed(files):
    file = upload(scene())
    image, _ = library.add(file, name="../../etc/passwd")
    assert kept(files / "originals") == [f"{image.sha256[:2]}/{image.sha256}"]
    assert (files / "originals" / image.original.name).read_bytes() == file.getvalue()


def test_the_same_bytes_are_the_same_asset_and_its_words_stay(files):
    first, _ = library.add(upload(scene()), name="a.jpg", alt="Written by the picture desk")
    second, new = library.add(upload(scene()), name="b.jpg", alt="Something else")
    second.refresh_from_db()
    assert (second.pk, new, second.alt) == (first.pk, False, "Written by the picture desk")


def test_a_picture_taken_sideways_has_the_size_it_is_seen_in(files):
    image, _ = library.add(upload(scene(), exif=exif(orientation=6)))
    assert (image.width, image.height) == (40, 60)


def test_one_rendition_is_there_at_once_and_the_others_are_made_after_the_commit(
    files, monkeypatch, django_capture_on_commit_callbacks
):
    called = []
    monkeypatch.setattr(library, "make_renditions", called.append)
    with django_capture_on_commit_callbacks(execute=True):
        image, _ = library.add(upload(scene(2000, 1000)))
        assert [item["width"] for item in image.renditions] == [1200]
        assert kept(files / "renditions") == [image.renditions[0]["path"]]
        assert not called
    assert called == [image.pk]


def test_no_job_is_left_behind_when_the_transaction_fails(files, monkeypatch, django_capture_on_commit_callbacks):
    called = []
    monkeypatch.setattr(library, "make_renditions", called.append)
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ZeroDivisionError), transaction.atomic():
        library.add(upload(scene()))
        raise ZeroDivisionError
    assert not called
    assert not Image.objects.exists()


def test_no_file_is_left_behind_when_the_row_cannot_be_written(files, monkeypatch):
    monkeypatch.setattr(Image, "save", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        library.add(upload(scene()))
    assert kept(files) == []


@pytest.mark.parametrize("alias", ["originals", "renditions"])
def test_a_storage_that_takes_nothing_is_told_in_a_sentence_and_leaves_nothing_half(files, monkeypatch, alias):
    def full(name, content):
        Path(storages[alias].path(name)).parent.mkdir(parents=True, exist_ok=True)
        Path(storages[alias].path(name)).write_bytes(b"a part of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storages[alias], "_save", full)
    with pytest.raises(library.Refused, match="cannot store files now"):
        library.add(upload(scene()))
    assert kept(files / "originals") == []
    assert not Image.objects.exists()


def test_of_two_uploads_of_the_same_bytes_at_the_same_moment_both_get_the_one_asset(files, monkeypatch):
    first, _ = library.add(upload(scene()))
    looks = iter([Image.objects.none(), Image.objects.filter(pk=first.pk)])
    monkeypatch.setattr(Image.objects, "filter", lambda **kwargs: next(looks))
    second, new = library.add(upload(scene()))
    assert (second.pk, new) == (first.pk, False)
    assert kept(files / "originals") == [first.original.name]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.98])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_file_that_was_cut_off_is_refused(files, kind, share):
    data = upload(scene(400, 300), kind).getvalue()
    assert "damaged" in refusal(data[: int(len(data) * share)]) or "not a picture" in refusal(data[:20])
    assert kept(files) == []
    assert not Image.objects.exists()


def test_a_png_with_a_wrong_checksum_is_refused(files):
    data = bytearray(upload(scene(), "PNG").getvalue())
    data[-20] ^= 255
    assert "damaged" in refusal(bytes(data))


def test_a_header_that_claims_too_many_pixels_is_refused_before_anything_is_decoded(files, monkeypatch):
    monkeypatch.setattr(decoding.PIL.Image.Image, "load", lambda self: pytest.fail("decoded"))
    for width, height in ((500_000, 100), (12_000, 12_000), (60_000, 60_000)):
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        data = (
            b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"")) + _chunk(b"IEND", b"")
        )
        assert re.search("too many pixels|more than 48 million pixels", refusal(data))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_a_file_that_is_too_large_is_refused_without_being_read_whole(files, monkeypatch):
    monkeypatch.setattr(library, "MAX_BYTES", 1000)

    class Endless:
        def read(self, size: int = -1) -> bytes:
            assert 0 <= size <= 1001
            return b"x" * size

    with pytest.raises(library.Refused, match="larger than"):
        library.add(Endless())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "SVG"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 40, "HEIC|damaged"),
        (b"%PDF-1.7 ...", "not a picture"),
        (b"BM" + b"\0" * 60, "not a picture"),
        (b"<html><script>alert(1)</script>", "not a picture"),
        (b"push graphic-context\nimage over 0,0 0,0 'https://example.org'\n", "not a picture"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence_that_says_what_to_do(files, data, words):
    sentence = refusal(data)
    assert re.search(words, sentence)
    assert sentence.endswith(".")
    assert kept(files) == []


def test_broken_metadata_does_not_stand_in_the_way(files):
    image, _ = library.add(upload(scene(), exif=b"Exif\0\0II*\0\xff\xff\xff\xff garbage"))
    assert image.width == 60


def test_a_job_for_an_image_that_was_deleted_meanwhile_does_nothing(files):
    jobs.make_renditions.call_local(4711)
