"""What is done to a picture of the library as a whole: words for many, another file, taking down, bringing back."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.storage import storages

from articles import library, renditions
from articles.factories import make_live
from articles.models import Image, ImageEvent
from articles.tests.pictures import files, kept, scene, upload
from newsroom import pagecache
from newsroom.models import User

__all__ = ["files"]

pytestmark = pytest.mark.django_db


def taken(width: int = 60, height: int = 40, **words: Any) -> Image:
    return library.add(upload(scene(width, height)), name=f"{width}x{height}.jpg", **words)[0]


def logged(image: Image) -> list[tuple[str, str]]:
    return [(event.verb, str(event.by)) for event in image.events.order_by("pk")]


def paths(image: Image) -> list[str]:
    return [item["path"] for item in image.renditions]


# Words -------------------------------------------------------------------------------------


def test_only_what_is_given_changes_and_only_where_it_is_another_and_the_log_tells_both_values(files, dora):
    old, new = taken(credit="Old", source="Agency"), taken(70, 40, credit="New")
    assert library.use_words([old, new], by=dora, credit="New") == 1
    old.refresh_from_db()
    assert (old.credit, old.source) == ("New", "Agency")
    event = old.events.first()
    assert (event.verb, event.by, event.data) == ("words", dora, {"credit": ["Old", "New"]})
    assert logged(new) == [("upload", "None")]


def test_a_moment_is_logged_too(files, dora):
    image = taken()
    until = datetime(2027, 1, 1, tzinfo=UTC)
    library.use_words([image], by=dora, verb="bulk", rights_until=until)
    assert image.events.first().data == {"rights_until": [None, "2027-01-01T00:00:00+00:00"]}


@pytest.mark.parametrize(
    ("fields", "anew"),
    [
        ({"credit": "x"}, True),
        ({"creator": "x"}, True),
        ({"copyright": "x"}, True),
        ({"focal_x": 0.2}, True),
        ({"alt": "x"}, False),
        ({"caption": "x"}, False),
    ],
)
def test_public_files_are_made_anew_where_what_stands_in_them_changes(
    files, dora, monkeypatch, django_capture_on_commit_callbacks, fields, anew
):
    image = taken()
    asked: list[int] = []
    monkeypatch.setattr(library, "make_renditions", asked.append)
    with django_capture_on_commit_callbacks(execute=True):
        library.use_words([image], by=dora, **fields)
    assert asked == ([image.pk] if anew else [])


def test_many_cost_no_more_queries_than_one(files, dora, django_assert_max_num_queries):
    images = [taken(60 + number, 40) for number in range(12)]
    with django_assert_max_num_queries(6):  # two of them begin and end the transaction
        assert library.use_words(images, by=dora, credit="Dora") == 12


# Another file ------------------------------------------------------------------------------


def test_another_file_takes_the_place_and_words_and_uses_stay(files, dora):
    image = taken(alt="Red and blue", credit="Ada")
    edition = make_live(lead=image)
    before = {"sha256": image.sha256, "original": image.original.name, "media_type": "image/jpeg"}
    library.replace(image, upload(scene(90, 60), "PNG"), by=dora, name="new.png")
    stored = Image.objects.get(pk=image.pk)
    assert (stored.width, stored.height, stored.media_type, stored.file_name) == (90, 60, "image/png", "new.png")
    assert (stored.alt, stored.credit, edition.image_uses.get().image_id) == ("Red and blue", "Ada", image.pk)
    assert stored.sha256 != before["sha256"]
    assert all(stored.sha256 in path for path in paths(stored))
    event = stored.events.first()
    assert (event.verb, event.by) == ("replace", dora)
    assert event.data.items() >= (before | {"width": 60, "height": 40, "file_name": "60x40.jpg"}).items()


def test_the_file_before_is_kept_privately_and_the_new_one_is_public_at_once(files, dora):
    image = taken()
    before = image.original.name
    library.replace(image, upload(scene(90, 60)), by=dora)
    assert kept(files / "originals") == sorted([before, image.original.name])
    assert set(paths(image)) <= set(kept(files / "renditions"))


@pytest.mark.parametrize(("size", "focal"), [((90, 60), (0.2, 0.8)), ((89, 60), (0.5, 0.5)), ((60, 90), (0.5, 0.5))])
def test_the_focal_point_stays_where_the_shape_does(files, dora, size, focal):
    image = taken(focal_x=0.2, focal_y=0.8)
    library.replace(image, upload(scene(*size)), by=dora)
    assert (image.focal_x, image.focal_y) == focal


def test_a_file_a_pixel_off_is_of_the_same_shape(files, dora):
    image = taken(1200, 800, focal_x=0.2, focal_y=0.8)
    library.replace(image, upload(scene(1199, 800)), by=dora)
    assert (image.focal_x, image.focal_y) == (0.2, 0.8)


def test_the_same_file_is_refused_and_said_to_be_the_same(files, dora):
    image = taken()
    with pytest.raises(library.Refused, match="the file that the picture has already"):
        library.replace(image, upload(scene()), by=dora)
    assert logged(image) == [("upload", "None")]


def test_the_file_of_another_picture_is_refused_and_that_picture_named(files, dora):
    image, other = taken(), taken(90, 60)
    with pytest.raises(library.HeldAlready, match=r"as “90x60\.jpg”") as refusal:
        library.replace(image, upload(scene(90, 60)), by=dora)
    assert refusal.value.image == other
    image.refresh_from_db()
    assert image.width == 60
    assert kept(files / "originals") == sorted([image.original.name, other.original.name])


def test_what_cannot_be_decoded_changes_nothing(files, dora):
    image = taken()
    before = kept(files)
    with pytest.raises(library.Refused):
        library.replace(image, io.BytesIO(b"no picture"), by=dora)
    assert kept(files) == before


def test_who_replaces_what_a_colleague_replaced_meanwhile_is_told_and_leaves_no_file(files, dora, charlie):
    image = taken()
    stale = Image.objects.get(pk=image.pk)
    library.replace(image, upload(scene(90, 60)), by=charlie)
    before = kept(files)
    with pytest.raises(library.Stale, match="Charlie put another file in its place, just now"):
        library.replace(stale, upload(scene(120, 60)), by=dora)
    assert kept(files) == before
    image.refresh_from_db()
    assert image.width == 90


def test_the_file_before_can_be_put_back_and_no_failure_deletes_what_the_log_names(files, dora, monkeypatch):
    image = taken()
    first = image.original.name
    library.replace(image, upload(scene(90, 60)), by=dora)
    with monkeypatch.context() as patch:
        patch.setattr(library, "_exchange", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            library.replace(image, upload(scene()), by=dora)
    assert first in kept(files / "originals")
    library.replace(image, upload(scene()), by=dora)
    assert (image.original.name, image.width) == (first, 60)


def test_a_full_disk_takes_nothing_away_that_was_there_and_is_told_in_a_sentence(files, dora, monkeypatch):
    image = taken()
    library.replace(image, upload(scene(90, 60)), by=dora)
    before = kept(files)
    # The file that the log names, and a new one.
    for alias, again in (("renditions", scene()), ("renditions", scene(120, 60)), ("originals", scene(120, 60))):
        with monkeypatch.context() as patch:
            patch.setattr(storages[alias], "_save", full_disk)
            with pytest.raises(library.Refused, match="cannot store files now"):
                library.replace(image, upload(again), by=dora)
    assert kept(files) == before
    assert Image.objects.get(pk=image.pk).width == 90


def full_disk(*args: Any) -> str:
    raise OSError(28, "No space left on device")


def test_a_focal_point_that_a_colleague_moves_meanwhile_is_kept(files, dora, charlie):
    image = taken()
    stale = Image.objects.get(pk=image.pk)
    library.use_words([image], by=charlie, focal_x=0.25, focal_y=0.75)
    library.replace(stale, upload(scene(90, 60)), by=dora)
    assert (stale.focal_x, stale.focal_y, stale.width) == (0.25, 0.75, 90)


def test_what_is_taken_down_gets_no_other_file(files, dora):
    image = taken()
    library.kill(image, by=dora, notice="Gone.", reason="Called.")
    with pytest.raises(library.Refused, match="Bring it back first"):
        library.replace(image, upload(scene(90, 60)), by=dora)


# Taking down and bringing back --------------------------------------------------------------


def killed(image: Image, by: User, callbacks: Any, **said: str) -> None:
    with callbacks(execute=True):
        library.kill(image, by=by, **({"notice": "The agency withdrew it.", "reason": "They called."} | said))


def test_a_picture_that_is_taken_down_has_no_public_file_any_more_and_its_original_stays(
    files, dora, django_capture_on_commit_callbacks
):
    image = taken()
    killed(image, dora, django_capture_on_commit_callbacks)
    image.refresh_from_db()
    assert (image.kill_notice, image.renditions) == ("The agency withdrew it.", [])
    assert image.killed_at is not None
    assert kept(files / "renditions") == []
    assert kept(files / "originals") == [image.original.name]
    event = image.events.first()
    assert (event.verb, event.by, event.note) == ("kill", dora, "They called.")
    assert event.data == {"notice": "The agency withdrew it."}


def test_the_files_it_had_before_a_replacement_go_too(files, dora, django_capture_on_commit_callbacks):
    image = taken()
    library.replace(image, upload(scene(90, 60)), by=dora)
    assert len({path.split("/")[1] for path in kept(files / "renditions")}) == 2
    killed(image, dora, django_capture_on_commit_callbacks)
    assert kept(files / "renditions") == []
    assert len(kept(files / "originals")) == 2


def test_the_files_of_another_picture_with_bytes_it_once_had_stay(files, dora, django_capture_on_commit_callbacks):
    image = taken()
    library.replace(image, upload(scene(90, 60)), by=dora)
    other = taken()
    killed(image, dora, django_capture_on_commit_callbacks)
    assert kept(files / "renditions") == sorted(paths(other))


def test_every_kept_page_is_dropped(files, dora, monkeypatch, django_capture_on_commit_callbacks):
    image = taken()
    dropped: list[bool] = []
    monkeypatch.setattr(pagecache, "drop", lambda: dropped.append(True))
    killed(image, dora, django_capture_on_commit_callbacks)
    assert dropped


def test_the_default_notice_is_left_to_each_page_to_say_in_its_language(
    files, dora, django_capture_on_commit_callbacks
):
    image = taken()
    killed(image, dora, django_capture_on_commit_callbacks, notice=library.default_notice())
    image.refresh_from_db()
    assert image.kill_notice == ""
    assert image.events.first().data == {"notice": "This picture is no longer available."}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [({"notice": " "}, "Write the notice"), ({"reason": " "}, "Say why it is taken down")],
)
def test_notice_and_reason_must_be_said(files, dora, said, sentence):
    image = taken()
    with pytest.raises(library.Refused, match=sentence):
        library.kill(image, by=dora, **({"notice": "Gone.", "reason": "Called."} | said))
    image.refresh_from_db()
    assert image.killed_at is None


def test_of_two_who_take_it_down_the_second_is_told_who_was_faster(files, dora, charlie):
    image = taken()
    stale = Image.objects.get(pk=image.pk)
    library.kill(image, by=charlie, notice="Gone.", reason="Called.")
    with pytest.raises(library.Stale, match="Charlie took this picture down, just now"):
        library.kill(stale, by=dora, notice="Away.", reason="Mine.")
    image.refresh_from_db()
    assert image.kill_notice == "Gone."
    assert logged(image) == [("upload", "None"), ("kill", "Charlie")]


def test_a_storage_that_does_not_answer_does_not_keep_it_up(
    files, dora, monkeypatch, django_capture_on_commit_callbacks
):
    image = taken()

    def unreachable(sha256: str) -> None:
        raise OSError

    monkeypatch.setattr(renditions, "delete_folder", unreachable)
    killed(image, dora, django_capture_on_commit_callbacks)
    image.refresh_from_db()
    assert image.killed_at is not None


def test_what_is_brought_back_is_public_at_once_and_the_rest_is_made_by_a_job(
    files, dora, charlie, monkeypatch, django_capture_on_commit_callbacks
):
    image = taken(900, 600, credit="Ada")
    killed(image, dora, django_capture_on_commit_callbacks)
    asked: list[int] = []
    monkeypatch.setattr(library, "make_renditions", asked.append)
    with django_capture_on_commit_callbacks(execute=True):
        library.restore(image, by=charlie)
    image.refresh_from_db()
    assert (image.killed_at, image.kill_notice, image.credit) == (None, "", "Ada")
    assert len(paths(image)) == 1
    assert kept(files / "renditions") == paths(image)
    assert asked == [image.pk]
    assert logged(image) == [("upload", "None"), ("kill", "Dora"), ("restore", "Charlie")]


def test_of_two_who_bring_it_back_the_second_takes_nothing_away(
    files, dora, charlie, django_capture_on_commit_callbacks
):
    image = taken()
    killed(image, dora, django_capture_on_commit_callbacks)
    stale = Image.objects.get(pk=image.pk)
    library.restore(image, by=charlie)
    with pytest.raises(library.Stale, match="Charlie brought this picture back"):
        library.restore(stale, by=dora)
    assert set(paths(image)) <= set(kept(files / "renditions"))


def test_an_original_that_is_gone_keeps_the_picture_down_and_says_so(
    files: Path, dora, django_capture_on_commit_callbacks
):
    image = taken()
    killed(image, dora, django_capture_on_commit_callbacks)
    storages["originals"].delete(image.original.name)
    with pytest.raises(library.Refused, match="stays taken down"):
        library.restore(image, by=dora)
    image.refresh_from_db()
    assert image.killed_at is not None


def test_a_picture_that_is_up_is_not_brought_back(files, dora):
    with pytest.raises(library.Stale):
        library.restore(taken(), by=dora)


# Deleting ----------------------------------------------------------------------------------


def test_deleting_takes_all_its_files_away_but_none_that_another_names(files, dora, django_capture_on_commit_callbacks):
    image = taken()
    library.replace(image, upload(scene(90, 60)), by=dora)
    other = taken()
    with django_capture_on_commit_callbacks(execute=True):
        library.remove(image)
    assert kept(files / "originals") == [other.original.name]
    assert kept(files / "renditions") == sorted(paths(other))


def test_an_original_that_another_pictures_log_names_stays(files, dora, django_capture_on_commit_callbacks):
    image = taken()
    first = image.original.name
    library.replace(image, upload(scene(90, 60)), by=dora)
    twin = taken()
    assert twin.original.name == first
    with django_capture_on_commit_callbacks(execute=True):
        library.remove(twin)
    assert first in kept(files / "originals")


@time_machine.travel("2026-11-22 12:00:00+00:00", tick=False)
def test_the_log_only_grows(files, dora, charlie):
    image = taken()
    library.use_words([image], by=dora, credit="Dora")
    library.kill(image, by=charlie, notice="Gone.", reason="Called.")
    library.restore(image, by=charlie)
    told = list(ImageEvent.objects.filter(image=image).order_by("pk").values_list("verb", flat=True))
    assert told == ["upload", "words", "kill", "restore"]
