"""What readers are sent of a picture."""

import io
import math

import pytest
from django.core.management import call_command
from PIL import Image as Pillow
from PIL import ImageCms

from articles import images_view, library, renditions
from articles.decoding import Refused
from articles.models import Image
from articles.tests.pictures import GPS, exif, files, is_upright, kept, scene, upload

__all__ = ["files"]

pytestmark = pytest.mark.django_db


def made(file: io.BytesIO) -> Image:
    """The asset with all its renditions."""
    image, _ = library.add(file, name="picture")
    renditions.make(image)
    image.refresh_from_db()
    return image


def opened(item: dict) -> Pillow.Image:
    with renditions.storage().open(item["path"]) as file:
        return Pillow.open(io.BytesIO(file.read()))


@pytest.mark.parametrize(
    ("size", "widths"),
    [
        ((3000, 2000), [320, 480, 768, 1080, 1440, 1920]),
        ((1080, 700), [320, 480, 768, 1080]),
        ((1000, 700), [320, 480, 768, 1000]),
        ((320, 200), [320]),
        ((48, 32), [48]),
        ((1, 1), [1]),
        ((60, 60_000), [6]),
    ],
)
def test_widths_follow_the_layout_and_nothing_is_enlarged(size, widths):
    assert renditions.widths(*size) == widths


def test_each_width_comes_as_webp_and_as_jpeg_smallest_first_and_is_listed_as_it_is(files):
    image = made(upload(scene(800, 600)))
    assert [(item["width"], item["type"]) for item in image.renditions] == [
        (width, kind) for width in (320, 480, 768, 800) for kind in ("image/webp", "image/jpeg")
    ]
    for item in image.renditions:
        picture = opened(item)
        assert picture.size == (item["width"], item["height"])
        assert picture.get_format_mimetype() == item["type"]
        assert math.isclose(picture.width / picture.height, 4 / 3, rel_tol=0.01)
    assert renditions.is_complete(image)


def test_paths_are_made_of_the_content_and_match_the_pattern_that_is_served(files):
    image = made(upload(scene()))
    assert {item["path"] for item in image.renditions} == {
        f"{image.sha256[:2]}/{image.sha256}/v1-60.webp",
        f"{image.sha256[:2]}/{image.sha256}/v1-60.jpg",
    }
    assert all(renditions.PATH.fullmatch(item["path"]) for item in image.renditions)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_pictures_are_upright_however_the_camera_was_held(files, orientation, kind):
    back = {
        2: Pillow.Transpose.FLIP_LEFT_RIGHT,
        3: Pillow.Transpose.ROTATE_180,
        4: Pillow.Transpose.FLIP_TOP_BOTTOM,
        5: Pillow.Transpose.TRANSPOSE,
        6: Pillow.Transpose.ROTATE_90,
        7: Pillow.Transpose.TRANSVERSE,
        8: Pillow.Transpose.ROTATE_270,
    }
    stored = scene(90, 60)
    if orientation > 1:
        stored = stored.transpose(back[orientation])
    image = made(upload(stored, kind, exif=exif(orientation)))
    assert (image.width, image.height) == (90, 60)
    for item in image.renditions:
        assert is_upright(opened(item)), item


def test_nothing_of_the_metadata_reaches_readers(files):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = made(upload(scene(), exif=exif(), icc_profile=srgb, comment=b"for Mallory only"))
    for item in image.renditions:
        picture = opened(item)
        assert not dict(picture.getexif())
        assert not picture.getexif().get_ifd(GPS)
        assert not set(picture.info) & {"exif", "icc_profile", "xmp", "comment", "photoshop"}
        with renditions.storage().open(item["path"]) as file:
            data = file.read()
        assert b"Mallory" not in data
        assert b"Exif" not in data


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "P", "I;16"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_every_colour_mode_becomes_rgb(files, mode, kind):
    if (kind, mode) in {("JPEG", "P"), ("PNG", "CMYK"), ("JPEG", "I;16")}:
        pytest.skip("this format has no such mode")
    stored = scene(mode="L").convert("I").point(lambda value: value * 257).convert("I;16") if mode == "I;16" else None
    image = made(upload(stored or scene(mode=mode), kind))
    for item in image.renditions:
        picture = opened(item)
        assert picture.mode == "RGB"
        white = picture.getpixel((picture.width * 3 // 4, picture.height // 4))
        assert min(white) > 240, (mode, white)


def test_colours_of_a_profile_are_converted_to_srgb(files):
    """In LAB, as some scanners store it: only with its profile do the numbers mean red and blue."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    stored = ImageCms.profileToProfile(
        scene(), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    image = made(upload(stored, "TIFF", icc_profile=lab))
    assert is_upright(opened(image.renditions[0]))


def test_a_profile_that_cannot_be_read_is_ignored(files):
    image = made(upload(scene(), icc_profile=b"no profile at all"))
    assert is_upright(opened(image.renditions[0]))


def test_transparency_is_kept_with_png_as_the_fallback(files):
    clear = scene(mode="RGBA")
    clear.putpixel((1, 1), (0, 0, 0, 0))
    clear.paste((0, 0, 0, 0), (30, 0, 60, 20))
    image = made(upload(clear, "PNG"))
    assert {item["type"] for item in image.renditions} == {"image/webp", "image/png"}
    for item in image.renditions:
        assert opened(item).convert("RGBA").getpixel((50, 5))[3] == 0


def test_an_animation_becomes_a_still_of_its_first_picture(files):
    file = io.BytesIO()
    scene().save(file, "GIF", save_all=True, append_images=[Pillow.new("RGB", (60, 40), "black")], duration=100)
    file.seek(0)
    image = made(file)
    for item in image.renditions:
        assert getattr(opened(item), "n_frames", 1) == 1
        assert is_upright(opened(item))


def test_making_them_twice_changes_nothing(files):
    image = made(upload(scene(800, 600)))
    before = {name: (files / "renditions" / name).stat().st_mtime_ns for name in kept(files / "renditions")}
    renditions.make(image)
    assert {name: (files / "renditions" / name).stat().st_mtime_ns for name in before} == before


def test_what_an_interrupted_run_left_half_written_is_written_again(files):
    image, _ = library.add(upload(scene(800, 600)))
    half = files / "renditions" / f"{image.sha256[:2]}/{image.sha256}/v1-320.webp"
    half.write_bytes(b"RIFF half a picture")
    renditions.make(image)
    assert opened({"path": half.relative_to(files / "renditions").as_posix()}).size == (320, 240)


def test_a_file_that_vanished_is_made_again(files):
    image = made(upload(scene()))
    (files / "renditions" / image.renditions[0]["path"]).unlink()
    assert not renditions.is_complete(image)
    renditions.make(image)
    assert renditions.is_complete(image)


def test_a_list_only_ever_names_files_that_exist(files, monkeypatch):
    image, _ = library.add(upload(scene(800, 600)))
    monkeypatch.setattr(renditions, "_encoded", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        renditions.make(image)
    image.refresh_from_db()
    assert [item["width"] for item in image.renditions] == [800]
    assert all(renditions.storage().exists(item["path"]) for item in image.renditions)


def test_pages_are_made_afresh_once_there_are_more_renditions(files, monkeypatch, django_capture_on_commit_callbacks):
    dropped = []
    monkeypatch.setattr(renditions.pagecache, "drop", lambda: dropped.append(True))
    image, _ = library.add(upload(scene()))
    with django_capture_on_commit_callbacks(execute=True):
        renditions.make(image)
    assert dropped == [True]


def test_deleting_takes_every_public_file_away_and_making_brings_them_back(files):
    image = made(upload(scene()))
    renditions.delete(image)
    image.refresh_from_db()
    assert kept(files / "renditions") == []
    assert image.renditions == []
    renditions.make(image)
    assert renditions.is_complete(image)


# The command -------------------------------------------------------------------------------


def test_the_command_makes_what_is_missing(files, capsys):
    image, _ = library.add(upload(scene(800, 600)))
    complete = made(upload(scene(100, 50)))
    call_command("renditions")
    image.refresh_from_db()
    assert renditions.is_complete(image)
    assert "1 picture." in capsys.readouterr().out
    assert renditions.is_complete(complete)


def test_the_command_makes_all_again_when_asked(files):
    image = made(upload(scene()))
    path = files / "renditions" / image.renditions[0]["path"]
    path.write_bytes(b"spoilt")
    call_command("renditions", "--all")
    assert opened(image.renditions[0]).size == (60, 40)


def test_the_command_goes_on_after_a_picture_that_fails_and_says_so(files, capsys):
    broken, _ = library.add(upload(scene(100, 50)))
    (files / "originals" / broken.original.name).unlink()
    whole, _ = library.add(upload(scene()))
    with pytest.raises(SystemExit) as status:
        call_command("renditions")
    assert status.value.code == 1
    assert "left out" in capsys.readouterr().err
    whole.refresh_from_db()
    assert renditions.is_complete(whole)


def test_an_original_that_was_spoilt_is_refused_not_published(files):
    image, _ = library.add(upload(scene()))
    (files / "originals" / image.original.name).write_bytes(b"spoilt")
    with pytest.raises(Refused):
        renditions.make(image)


# /images/ ----------------------------------------------------------------------------------


def test_a_rendition_is_served_for_ever_with_its_type_and_without_sniffing(files, rf):
    image = made(upload(scene()))
    for item in image.renditions:
        response = images_view.rendition(rf.get("/images/"), item["path"])
        assert response["Content-Type"] == item["type"]
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert int(response["Content-Length"]) == renditions.storage().size(item["path"])
        assert Pillow.open(io.BytesIO(b"".join(response.streaming_content))).size == (60, 40)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "ab",
        "../originals/{sha}",
        "{two}/{sha}",
        "{two}/{sha}/",
        "{two}/{sha}/v1-60",
        "{two}/{sha}/v1-60.jpg/",
        "{two}/{sha}/v1-60.jpg\n",
        "{two}/{sha}/v1-60.svg",
        "{two}/{sha}/v1-61.jpg",
        "{two}/{sha}/../{sha}/v1-60.jpg",
        "00/{sha}/v1-60.jpg",
        "{two}/{SHA}/v1-60.jpg",
        "/etc/passwd",
    ],
)
def test_nothing_else_is_served(files, rf, path):
    image = made(upload(scene()))
    path = path.format(two=image.sha256[:2], sha=image.sha256, SHA=image.sha256.upper())
    with pytest.raises(images_view.Http404):
        images_view.rendition(rf.get("/images/"), path)


def test_images_are_only_read(files, rf):
    assert images_view.rendition(rf.post("/images/"), "x").status_code == 405
