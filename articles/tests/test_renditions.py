"""What readers are sent of a picture."""

import hashlib
import io
import os
import random
from collections.abc import Callable

import pytest
from django.core.management import call_command
from PIL import Image as Pillow
from PIL import ImageCms

from articles import encoding, images_view, jobs, library, renditions
from articles.decoding import Refused
from articles.models import Image
from articles.tests.pictures import GPS, exif, files, is_upright, kept, scene, upload
from newsroom.lib import clock

__all__ = ["files"]

pytestmark = [pytest.mark.django_db, pytest.mark.once]


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
        ((3000, 2000), [320, 480, 768, 1200, 1536, 1920]),
        ((1200, 700), [320, 480, 768, 1200]),
        ((1000, 700), [320, 480, 768, 1000]),
        ((320, 200), [320]),
        ((48, 32), [48]),
        ((1, 1), [1]),
        ((60, 60_000), [6]),
    ],
)
def test_widths_follow_the_layout_and_nothing_is_enlarged(size, widths):
    assert renditions.widths(*size) == widths


MODERN = encoding.MODERN


def of(image: Image, crop: str = "") -> list[dict]:
    """The renditions of one shape; "" is the whole picture."""
    return [item for item in image.renditions if item.get("crop", "") == crop]


def test_each_width_comes_in_the_modern_formats_and_as_jpeg_smallest_first_and_is_listed_as_it_is(files):
    image = made(upload(scene(800, 600)))
    assert [(item["width"], item["type"]) for item in of(image)] == [
        (width, kind) for width in (320, 480, 768, 800) for kind in (*MODERN, "image/jpeg")
    ]
    for item in image.renditions:
        picture = opened(item)
        assert picture.size == (item["width"], item["height"])
        assert picture.get_format_mimetype() == item["type"]
    assert renditions.is_complete(image)


@pytest.mark.parametrize(
    ("crop", "sizes"),
    [
        ("16x9", [(480, 270), (768, 432), (800, 450)]),
        ("3x2", [(240, 160), (480, 320), (768, 512)]),
        ("1x1", [(120, 120), (240, 240), (400, 400)]),
    ],
)
def test_crops_come_in_each_shape_in_the_widths_that_are_of_use(files, crop, sizes):
    image = made(upload(scene(800, 600)))
    kinds = (*MODERN, "image/jpeg")
    assert [(item["width"], item["height"], item["type"]) for item in of(image, crop)] == [
        (*size, kind) for size in sizes for kind in kinds
    ]


@pytest.mark.parametrize(
    ("size", "crop", "focus", "box"),
    [
        ((1600, 900), "16x9", (0.5, 0.5), (0, 0, 1600, 900)),
        ((1600, 900), "1x1", (0.5, 0.5), (350, 0, 1250, 900)),
        ((1600, 900), "1x1", (0.3, 0.9), (30, 0, 930, 900)),
        ((1600, 900), "1x1", (0, 0), (0, 0, 900, 900)),
        ((1600, 900), "1x1", (1, 1), (700, 0, 1600, 900)),
        ((900, 1600), "3x2", (0.5, 0.25), (0, 100, 900, 700)),
        ((900, 1600), "3x2", (0.5, 1), (0, 1000, 900, 1600)),
        ((1, 1), "16x9", (0.5, 0.5), (0, 0, 1, 1)),
        ((1, 5000), "16x9", (0.5, 0.5), (0, 2500, 1, 2501)),
        ((5000, 1), "3x2", (1, 0), (4998, 0, 5000, 1)),
    ],
)
def test_a_crop_is_as_large_as_can_be_with_the_focal_point_near_its_middle(size, crop, focus, box):
    assert renditions.crop_box(*size, renditions.CROPS[crop], *focus) == box


def test_crops_show_what_is_around_the_focal_point(files):
    for focus, seen in (((0, 0), (255, 0, 0)), ((1, 1), (0, 0, 255))):
        image, _ = library.add(upload(scene(900, 200)))
        image.focal_x, image.focal_y = focus
        image.save()
        renditions.make(image)
        for item in of(image, "1x1"):
            picture = opened(item).convert("RGB")
            corner = picture.getpixel((picture.width // 4, picture.height // 4 + (picture.height // 2 * focus[1])))
            assert all(abs(a - b) < 40 for a, b in zip(corner, seen, strict=True)), (item, corner)


def test_a_panorama_is_decoded_large_enough_for_its_crops(files):
    image = made(upload(scene(6000, 500)))
    assert [item["width"] for item in of(image, "16x9")][-1] == 889
    assert opened(of(image, "16x9")[-1]).size == (889, 500)


def test_paths_are_made_of_the_content_and_match_the_pattern_that_is_served(files):
    image = made(upload(scene(30, 30)))
    folder = f"{image.sha256[:2]}/{image.sha256}"
    nothing = hashlib.sha256(b"").hexdigest()[:8]
    assert {item["path"] for item in image.renditions if item["type"] == "image/webp"} == {
        f"{folder}/v2-{nothing}-30.webp",
        f"{folder}/v2-{nothing}-16x9-50-50-30.webp",
        f"{folder}/v2-{nothing}-3x2-50-50-30.webp",
        f"{folder}/v2-{nothing}-1x1-50-50-30.webp",
    }
    assert all(renditions.PATH.fullmatch(item["path"]) for item in image.renditions)


def test_another_focal_point_gives_the_crops_other_paths_and_leaves_the_whole_picture_alone(files):
    image = made(upload(scene(800, 600)))
    whole, crops = of(image), of(image, "1x1")
    Image.objects.update(focal_x=0.2, focal_y=1)
    renditions.make(image)
    assert of(image) == whole
    assert {item["path"] for item in of(image, "1x1")}.isdisjoint(item["path"] for item in crops)
    assert all("-1x1-20-100-" in item["path"] for item in of(image, "1x1"))


def test_other_words_kept_in_the_files_give_them_other_paths(files):
    image = made(upload(scene()))
    before = {item["path"] for item in image.renditions}
    Image.objects.update(credit="Photograph: Ada Lens")
    renditions.make(image)
    assert before.isdisjoint(item["path"] for item in image.renditions)
    for item in image.renditions:
        with renditions.storage().open(item["path"]) as file:
            assert b"Photograph: Ada Lens" in file.read(), item


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
    assert {item["type"] for item in image.renditions} == {*MODERN, "image/png"}
    for item in of(image):
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


def test_a_process_that_dies_while_it_writes_leaves_no_half_file_under_the_name(files, monkeypatch):
    image, _ = library.add(upload(scene(800, 600)))
    before = kept(files / "renditions")
    monkeypatch.setattr(os, "replace", lambda *names: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        renditions.make(image)
    assert kept(files / "renditions") == before


def test_a_file_that_vanished_is_made_again(files):
    image = made(upload(scene()))
    (files / "renditions" / image.renditions[0]["path"]).unlink()
    assert not renditions.is_complete(image)
    renditions.make(image)
    assert renditions.is_complete(image)


def test_a_list_only_ever_names_files_that_exist(files, monkeypatch):
    image, _ = library.add(upload(scene(800, 600)))
    monkeypatch.setattr(renditions, "encoded", lambda *args: 1 / 0)
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


# Meanwhile ---------------------------------------------------------------------------------


def while_making(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], object], after: int = 5) -> None:
    """Have `deed` done once, when so many files have been written."""
    written: list[str] = []
    write = renditions._write

    def watched(item, data):
        write(item, data)
        written.append(item["path"])
        if len(written) == after:
            deed()

    monkeypatch.setattr(renditions, "_write", watched)


def test_a_picture_taken_down_while_it_is_made_leaves_no_public_file(
    files, monkeypatch, django_capture_on_commit_callbacks
):
    image, _ = library.add(upload(scene(300, 200)))

    def kill() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            library.kill(Image.objects.get(pk=image.pk), by=None, notice="Gone.", reason="The agency called.")

    while_making(monkeypatch, kill)
    renditions.make(image)
    assert kept(files / "renditions") == []
    image.refresh_from_db()
    assert image.renditions == []


def test_a_picture_taken_down_and_brought_back_while_it_is_made_has_all_its_files(
    files, monkeypatch, django_capture_on_commit_callbacks
):
    image, _ = library.add(upload(scene(300, 200)))

    def down_and_up() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            library.kill(Image.objects.get(pk=image.pk), by=None, notice="Gone.", reason="The agency called.")
        library.restore(Image.objects.get(pk=image.pk), by=None)

    while_making(monkeypatch, down_and_up)
    renditions.make(image)
    image.refresh_from_db()
    assert renditions.is_complete(image)


def test_a_picture_deleted_while_it_is_made_leaves_no_public_file(files, monkeypatch):
    image, _ = library.add(upload(scene(300, 200)))
    while_making(monkeypatch, lambda: Image.objects.filter(pk=image.pk).delete())
    renditions.make(image)
    assert kept(files / "renditions") == []


@pytest.mark.parametrize("change", [{"focal_x": 0.9}, {"credit": "Ada Lens"}])
@pytest.mark.parametrize("after", [1, 17])
def test_what_is_listed_fits_the_focal_point_and_the_words_that_came_while_it_was_made(
    files, monkeypatch, change, after
):
    image, _ = library.add(upload(scene(300, 200)))
    while_making(monkeypatch, lambda: Image.objects.filter(pk=image.pk).update(**change), after)
    renditions.make(image)
    image.refresh_from_db()
    assert all(getattr(image, name) == value for name, value in change.items())
    assert renditions.is_complete(image)
    assert all("-90-50-" in item["path"] for item in of(image, "1x1") if "focal_x" in change)


def test_a_picture_that_changes_again_and_again_is_left_to_the_next_run(files, monkeypatch):
    image, _ = library.add(upload(scene()))
    before = image.renditions
    make_all = renditions._make_all

    def moved(image, *, anew):
        Image.objects.filter(pk=image.pk).update(credit=f"Ada {random.random()}")
        make_all(image, anew=anew)

    monkeypatch.setattr(renditions, "_make_all", moved)
    with pytest.raises(renditions.Superseded):
        renditions.make(image)
    image.refresh_from_db()
    assert image.renditions == before


def test_two_workers_at_once_list_the_same_whole_files(files, monkeypatch):
    image, _ = library.add(upload(scene(300, 200)))
    while_making(monkeypatch, lambda: renditions.make(Image.objects.get(pk=image.pk)))
    renditions.make(image)
    image.refresh_from_db()
    assert renditions.is_complete(image)
    for item in image.renditions:
        assert opened(item).size == (item["width"], item["height"])


def test_what_a_worker_that_died_left_unmade_is_made_by_the_next(files, monkeypatch):
    image, _ = library.add(upload(scene(300, 200)))

    def die() -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        while_making(patch, die)
        with pytest.raises(SystemExit):
            renditions.make(image)
    image.refresh_from_db()
    assert not renditions.is_complete(image)
    before = {name: (files / "renditions" / name).stat().st_mtime_ns for name in kept(files / "renditions")}
    jobs.complete_renditions.call_local()
    image.refresh_from_db()
    assert renditions.is_complete(image)
    assert {name: (files / "renditions" / name).stat().st_mtime_ns for name in before} == before


def test_pictures_of_an_older_kind_are_made_anew_by_and_by_and_shown_meanwhile(files):
    image, _ = library.add(upload(scene()))
    old = [{"width": 60, "height": 40, "type": "image/jpeg", "path": f"{image.sha256[:2]}/{image.sha256}/v1-60.jpg"}]
    Image.objects.update(renditions=old)
    assert renditions.incomplete(10) == [image.pk]
    jobs.complete_renditions.call_local()
    image.refresh_from_db()
    assert renditions.is_complete(image)
    assert renditions.incomplete(10) == []


def test_the_rest_takes_its_turn_however_many_lack_something(files):
    keys = {library.add(upload(scene(20 + number, 20)))[0].pk for number in range(6)}
    chosen = renditions.incomplete(4)
    assert len(set(chosen)) == 4
    assert set(chosen) <= keys


def test_a_job_ends_in_peace_where_the_original_can_no_longer_be_decoded_or_the_picture_is_gone(files, caplog):
    image, _ = library.add(upload(scene()))
    (files / "originals" / image.original.name).write_bytes(b"spoilt")
    jobs.make_renditions.call_local(image.pk)
    assert "cannot be decoded" in caplog.text
    jobs.make_renditions.call_local(4711)


# The command -------------------------------------------------------------------------------


def test_the_command_makes_what_is_missing(files, capsys):
    image, _ = library.add(upload(scene(800, 600)))
    complete = made(upload(scene(100, 50)))
    call_command("renditions")
    image.refresh_from_db()
    assert renditions.is_complete(image)
    said = capsys.readouterr().out
    assert "1 of 2: " in said and "1 picture." in said
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
    said = capsys.readouterr()
    assert said.err.count("left out") == 1
    assert "1 picture was left out" in said.out
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
        size = Pillow.open(io.BytesIO(b"".join(response.streaming_content))).size
        assert size == (item["width"], item["height"])


def test_an_address_that_was_swept_leads_to_the_rendition_in_its_place(files, rf):
    image = made(upload(scene(800, 600)))
    folder = f"{image.sha256[:2]}/{image.sha256}"
    for old, new in [
        ("v1-768.jpg", "-768.jpg"),
        ("v2-00000000-500.webp", "-480.webp"),
        ("v2-00000000-3x2-7-7-300.webp", "-3x2-50-50-240.webp"),
    ]:
        response = images_view.rendition(rf.get("/images/"), f"{folder}/{old}")
        assert response.status_code == 302
        assert response["Location"].startswith(f"/images/{folder}/v2-")
        assert response["Location"].endswith(new)
    Image.objects.update(killed_at=clock.now())
    response = images_view.rendition(rf.get("/images/"), f"{folder}/v1-768.jpg")
    assert (response.status_code, response["Cache-Control"]) == (410, "public, max-age=60")


def test_a_listed_file_that_vanished_is_not_found_and_leads_nowhere_but_elsewhere(files, rf):
    image = made(upload(scene()))
    path = of(image)[0]["path"]
    (files / "renditions" / path).unlink()
    with pytest.raises(images_view.Http404):
        images_view.rendition(rf.get("/images/"), path)


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
        "{two}/{sha}/v2-60.jpg",
        "{two}/{sha}/v2-00000000-4x3-50-50-60.jpg",
        "{two}/{sha}/v2-00000000-3x2-50-101-60.jpg",
        "{two}/{sha}/v2-00000000-3x2-60.jpg",
        "{two}/{sha}/v2-00000000-060.jpg",
        "{two}/{sha}/v2-0000000A-60.jpg",
        "{two}/{sha}/.x.part",
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
