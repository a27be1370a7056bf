"""From the bytes of an upload to an upright picture in sRGB."""

import base64
import io
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image as Pillow
from PIL import ImageChops, ImageCms, ImageStat, TiffImagePlugin

from articles import bounded, decoding
from articles.decoding import Refused, decode
from articles.tests.pictures import is_upright, scene, upload

pytestmark = pytest.mark.once

# The quarters of `scene`, 60 x 40, stored on its side, turned upright by the container ("irot"); its EXIF says the same
# again, as telephones write it.
TURNED_HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAchtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ADRpbG9jAAAAAERAAAIAAQAAAAAB7AABAAAAAAAAAJYAAgAAAAACggABAAAAAAAAACQAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABB2lwcnAAAADmaXBjbwAAAHZodmNDAQNwAAAA"
    "kAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq"
    "5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xh"
    "cAAAACgAAAABAAAAPAAAAAH////oAAAAAv////wAAAACAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90AwAAABlpcG1hAAAAAAAAAAEA"
    "AQaBAgMFhIYAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAMJtZGF0AAAAkigBrwng428tFbVt48+tE1jH/2xxSuevcyYduGXY"
    "cNRrWyEx5ZjnZOZ/bmzH6GfFYX2aDhEhEsiOpxQULq+oQMqcp0UXA8DybJJ/kr+svDYAqUwDFsf61vhZbT4Rl33g13j3hKlbVnxn"
    "IZGt23WySEnK/vq0gLyCffdxTnAJii2D5T0trQS9FqagwZ1EB5Wck/6gAAAABkV4aWYAAE1NACoAAAAIAAEBEgADAAAAAQAGAAAA"
    "AAAA"
)


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        decode(data, 1000, 1000)
    return str(caught.value)


def bytes_of(picture: Pillow.Image, kind: str, **options) -> bytes:
    return upload(picture, kind, **options).getvalue()


# HEIC ------------------------------------------------------------------------------------------


def test_heic_of_a_telephone_is_taken_and_turned_once():
    decoded = decode(TURNED_HEIC, 1000, 1000)
    assert (decoded.width, decoded.height, decoded.media_type) == (60, 40, "image/heic")
    assert (decoded.still.mode, decoded.frames) == ("RGB", 1)
    assert is_upright(decoded.still)


def test_heic_is_shrunk_to_fit_and_its_own_size_is_told():
    decoded = decode(TURNED_HEIC, 30, 1000)
    assert (decoded.still.size, decoded.width, decoded.height) == ((30, 20), 60, 40)


def test_a_heic_with_too_many_pixels_is_refused_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(decoding, "MAX_MEMORY", 20_000)
    assert "million pixels" in refusal(TURNED_HEIC)


def test_a_heic_that_says_it_is_smaller_than_it_is_is_refused():
    at = TURNED_HEIC.index(b"ispe") + 8
    assert "damaged" in refusal(TURNED_HEIC[:at] + struct.pack(">II", 4, 4) + TURNED_HEIC[at + 8 :])


@pytest.mark.parametrize("length", [40, 300, 600, 677])
def test_a_heic_that_was_cut_off_is_refused(length):
    assert "damaged" in refusal(TURNED_HEIC[:length])


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system is not asked for such a bound")
@pytest.mark.parametrize(("megabytes", "status"), [(50, 0), (200, 1)])
def test_the_process_that_decodes_heic_gets_no_more_memory_than_it_may_have(megabytes, status):
    program = f"from articles import bounded; bounded._bound(100_000_000); bytearray({megabytes}_000_000)"
    answer = subprocess.run([sys.executable, "-c", program], cwd=settings.BASE_DIR, stderr=subprocess.PIPE)
    assert (answer.returncode, b"MemoryError" in answer.stderr) == (status, bool(status))


def test_a_heic_that_never_ends_is_refused(monkeypatch):
    monkeypatch.setattr(bounded, "SECONDS", 0.001)
    assert "damaged" in refusal(TURNED_HEIC)


def test_no_other_part_of_the_process_learns_to_open_heic():
    decode(TURNED_HEIC, 100, 100)
    assert "HEIF" not in Pillow.OPEN
    with pytest.raises(Pillow.UnidentifiedImageError):
        Pillow.open(io.BytesIO(TURNED_HEIC))


def test_avif_is_not_mistaken_for_heic():
    data = bytes_of(scene(), "AVIF")
    assert not bounded.is_heic(data)
    assert decode(data, 100, 100).media_type == "image/avif"


# Frames and pages --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF", "TIFF"])
def test_pictures_of_an_animation_and_pages_are_counted_and_the_first_is_what_is_taken(kind):
    others = [Pillow.new("RGB", (60, 40), colour) for colour in ("black", "green", "yellow")]
    file = io.BytesIO()
    scene().save(file, kind, save_all=True, append_images=others)
    decoded = decode(file.getvalue(), 100, 100)
    assert decoded.frames == 4
    assert is_upright(decoded.still)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF", "TIFF", "JPEG"])
def test_a_still_is_one_picture(kind):
    assert decode(bytes_of(scene(), kind), 100, 100).frames == 1


def test_the_gain_map_behind_an_ultra_hdr_picture_makes_it_no_animation():
    file = io.BytesIO()
    scene().save(file, "MPO", save_all=True, append_images=[Pillow.new("L", (15, 10), 128)])
    decoded = decode(file.getvalue(), 100, 100)
    assert (decoded.frames, decoded.media_type) == (1, "image/jpeg")
    assert is_upright(decoded.still)


def test_animations_without_end_are_not_counted_to_the_end():
    one = bytes_of(Pillow.new("P", (1, 1)), "GIF")
    start = one.index(b",")
    many = one[:start] + one[start:-1] * 300_000 + b";"
    before = time.process_time()
    assert decode(many, 100, 100).frames == decoding.MOST_FRAMES
    assert time.process_time() - before < 2


def test_pages_that_lead_in_a_circle_are_not_followed_for_ever():
    data = bytearray(bytes_of(scene(), "TIFF", compression="raw"))
    (directory,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, directory)
    struct.pack_into("<I", data, directory + 2 + 12 * entries, directory)
    assert decode(bytes(data), 100, 100).frames <= 2


def test_pages_that_cost_much_to_open_are_only_counted():
    """A thousand directories of 60,000 entries each, one inside the other, in a file of one megabyte."""
    data = bytearray(bytes_of(scene(), "TIFF", compression="raw"))
    (directory,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, directory)
    tags = data[directory + 2 : directory + 2 + 12 * entries]
    step, most = 12 * (entries + 1), 60_000
    start = len(data)
    struct.pack_into("<I", data, directory + 2 + 12 * entries, start)
    data += bytes(2 * step * 1000 + 12 * most)
    for page in range(1000):
        at = start + page * step
        struct.pack_into("<H", data, at, most)
        data[at + 2 : at + 2 + len(tags)] = tags
        struct.pack_into("<I", data, at + 2 + 12 * most, at + step)
    before = time.process_time()
    assert decode(bytes(data), 100, 100).frames == decoding.MOST_FRAMES
    assert time.process_time() - before < 2


# Files that take longer, or more, than they look ----------------------------------------------------


def test_a_jpeg_that_is_passed_over_without_end_is_refused_at_once():
    data = bytes_of(Pillow.new("L", (4000, 4000), 128), "JPEG", progressive=True)
    scan = data[data.rindex(b"\xff\xc4", 0, data.rindex(b"\xff\xda")) : -2]
    assert decode(data[:-2] + scan * 5 + data[-2:], 100, 100).width == 4000
    before = time.process_time()
    assert "too many pieces" in refusal(data[:-2] + scan * 1000 + data[-2:])
    assert time.process_time() - before < 0.5


def test_a_film_behind_a_photograph_is_not_counted_as_passes_over_it():
    data = bytes_of(scene(), "JPEG") + b"\xff\xda\x00\x08" * 1000
    assert is_upright(decode(data, 100, 100).still)


@pytest.mark.parametrize(
    ("kind", "at", "piece"), [("JPEG", 2, b"\xff\xfe\x00\x02"), ("PNG", 33, b"\0\0\0\0abCd\xd9\xe7\x8f\x9e")]
)
def test_a_file_of_a_million_empty_pieces_is_refused_at_once(kind, at, piece):
    data = bytes_of(scene(), kind)
    before = time.process_time()
    assert "too many pieces" in refusal(data[:at] + piece * 1_000_000 + data[at:])
    assert time.process_time() - before < 0.5


def test_a_tiff_that_shows_little_of_a_huge_tile_is_refused_before_it_is_decoded():
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags.tagtype[65000] = tags.tagtype[65001] = 4
    tags[65000] = tags[65001] = 20_000
    data = bytes_of(scene(), "TIFF", tiffinfo=tags)
    for own, tile in ((65000, decoding.TILE_WIDTH), (65001, decoding.TILE_LENGTH)):
        data = data.replace(struct.pack("<HH", own, 4), struct.pack("<HH", tile, 4))
    assert "million pixels" in refusal(data)


def lying_avif() -> bytes:
    """Nine million pixels, of which the container says that they are 64 by 64."""
    data = bytes_of(Pillow.new("RGB", (3000, 3000)), "AVIF", speed=10, subsampling="4:4:4")
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", 64, 64) + data[at + 8 :]


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system is not asked for such a bound")
def test_an_avif_that_unpacks_to_more_than_it_says_is_refused_and_takes_no_more_memory(monkeypatch):
    monkeypatch.setattr(decoding, "MAX_MEMORY", 1024 * 1024)
    monkeypatch.setitem(bounded.SPARE, bounded.AVIF, 24 * 1024 * 1024)
    assert decode(bytes_of(scene(), "AVIF"), 100, 100).width == 60
    assert "damaged" in refusal(lying_avif())


# Colours -----------------------------------------------------------------------------------------


def test_sixteen_bits_of_grey_become_eight_without_losing_the_bright_half():
    grey = Pillow.linear_gradient("L").resize((64, 64))
    wide = grey.convert("I").point(lambda value: value * 257).convert("I;16")
    for kind in ("PNG", "TIFF"):
        still = decode(bytes_of(wide, kind), 100, 100).still
        assert max(ImageStat.Stat(ImageChops.difference(still.convert("L"), grey)).extrema[0]) <= 1


def test_cmyk_as_photoshop_writes_it_inverted_is_not_shown_as_a_negative():
    """Pillow writes CMYK JPEG in Adobe's way, with its marker."""
    data = bytes_of(scene().convert("CMYK"), "JPEG")
    assert b"Adobe" in data
    assert is_upright(decode(data, 100, 100).still)


def test_transparency_of_every_kind_is_kept():
    clear = scene(mode="RGBA")
    clear.paste((0, 0, 0, 0), (30, 0, 60, 20))
    grey = clear.convert("LA")
    palette = clear.convert("P", palette=Pillow.Palette.ADAPTIVE)
    keyed = scene()
    for data in (
        bytes_of(clear, "PNG"),
        bytes_of(grey, "PNG"),
        bytes_of(palette, "PNG"),
        bytes_of(keyed, "PNG", transparency=(255, 255, 255)),
        bytes_of(clear, "WEBP", lossless=True),
    ):
        still = decode(data, 100, 100).still
        assert still.mode == "RGBA"
        assert still.getpixel((50, 5))[3] == 0
        assert still.getpixel((5, 5))[3] == 255


def test_a_screenshot_whose_transparency_hides_nothing_is_an_opaque_picture():
    still = decode(bytes_of(scene(mode="RGBA"), "PNG"), 100, 100).still
    assert still.mode == "RGB"
    assert is_upright(still)


def test_a_picture_is_the_same_however_its_rows_are_stored():
    plain = decode(bytes_of(scene(), "PNG"), 100, 100).still
    for options in ({"compression": "tiff_lzw"}, {"compression": "tiff_deflate"}, {"compression": "packbits"}):
        assert decode(bytes_of(scene(), "TIFF", **options), 100, 100).still.tobytes() == plain.tobytes()


def test_the_orientation_of_a_tiff_is_applied_once():
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[0x0112] = 3
    turned = scene().transpose(Pillow.Transpose.ROTATE_180)
    assert is_upright(decode(bytes_of(turned, "TIFF", tiffinfo=tags), 100, 100).still)


def test_a_profile_for_another_kind_of_colour_is_ignored():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert is_upright(decode(bytes_of(scene(), "PNG", icc_profile=lab), 100, 100).still)


# What is refused, and what stands behind -----------------------------------------------------------


@pytest.mark.parametrize("kind", ["ICO", "BMP", "JPEG2000", "PPM", "TGA", "PCX"])
def test_other_formats_are_refused_with_what_to_upload_instead(kind):
    said = refusal(bytes_of(scene(), kind))
    assert said == ("This is not a picture that can be used here. Upload a JPEG, PNG, WebP, AVIF, GIF, TIFF or HEIC.")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_what_stands_behind_the_picture_is_not_part_of_it(kind):
    data = bytes_of(scene(), kind) + b"<html><script>alert(1)</script>"
    still = decode(data, 100, 100).still
    assert is_upright(still)
    assert b"script" not in bytes_of(still, "PNG") and not still.info
