"""Public files that nothing names any longer."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from articles import jobs, library, renditions, sweeping
from articles.models import Image, ImageEvent
from articles.tests.pictures import files, kept, scene, upload
from newsroom.lib import clock

__all__ = ["files"]

pytestmark = pytest.mark.django_db

AN_HOUR, TWO_DAYS = timedelta(hours=1), timedelta(days=2)


def made(size: tuple[int, int] = (60, 40)) -> Image:
    image, _ = library.add(upload(scene(*size)))
    renditions.make(image)
    image.refresh_from_db()
    return image


def aged(files: Path, by: timedelta, names: list[str] | None = None) -> None:
    """Have the files (all of them unless named) be older by so much."""
    for name in names or kept(files / "renditions"):
        path = files / "renditions" / name
        moment = path.stat().st_mtime - by.total_seconds()
        os.utime(path, (moment, moment))


def swept() -> int:
    return sum(sweeping.sweep(hour) for hour in range(sweeping.HOURS))


def test_what_is_listed_stays_however_old(files):
    image = made()
    aged(files, TWO_DAYS)
    assert swept() == 0
    assert renditions.is_complete(image)


def test_crops_around_an_earlier_focal_point_stay_for_a_day_and_go_then(files):
    image = made()
    aged(files, TWO_DAYS)
    before = kept(files / "renditions")
    Image.objects.update(focal_x=0.1)
    renditions.make(image)
    image.refresh_from_db()
    aged(files, AN_HOUR)
    assert swept() == 0  # pages that are open may name them
    aged(files, TWO_DAYS)
    assert swept() > 0
    assert renditions.is_complete(image)
    assert kept(files / "renditions") == sorted(item["path"] for item in image.renditions)
    assert set(before) - set(kept(files / "renditions"))


def test_what_a_dead_process_left_half_written_goes_after_a_day(files):
    image = made()
    part = files / "renditions" / f"{image.sha256[:2]}/{image.sha256}/.x.part"
    part.write_bytes(b"half")
    assert swept() == 0
    aged(files, TWO_DAYS)
    assert swept() == 1
    assert not part.exists()


def test_files_of_a_picture_that_is_no_more_go_after_a_day_with_their_folder(files):
    image = made()
    Image.objects.all().delete()
    assert swept() == 0  # it may just be coming in
    aged(files, TWO_DAYS)
    assert swept() > 0
    assert not (files / "renditions" / image.sha256[:2] / image.sha256).exists()


def test_files_of_an_original_that_was_replaced_stay_for_a_day_from_then(files):
    image = made()
    aged(files, TWO_DAYS)
    event = ImageEvent.objects.create(
        image=image, verb="replace", at=clock.now() - AN_HOUR, data={"sha256": image.sha256}
    )
    Image.objects.update(sha256="0" * 64, renditions=[])
    assert swept() == 0
    ImageEvent.objects.filter(pk=event.pk).update(at=clock.now() - TWO_DAYS)
    assert swept() > 0


def test_what_is_left_of_a_picture_that_was_taken_down_goes_at_once(files):
    """As where a worker died between writing a file and learning of it."""
    made()
    Image.objects.update(killed_at=clock.now(), renditions=[])
    other = made((30, 20))
    jobs.complete_renditions.call_local()
    assert kept(files / "renditions") == sorted(item["path"] for item in other.renditions)


def test_of_a_picture_that_was_taken_down_the_files_before_a_replacement_go_as_well_unless_others_show_them(files):
    """As where the storage did not answer when it was taken down."""
    before, again = made(), made((30, 20))
    killed = made((20, 30))
    for earlier in (before.sha256, again.sha256):
        ImageEvent.objects.create(image=killed, verb="replace", at=clock.now(), data={"sha256": earlier})
    Image.objects.filter(pk=killed.pk).update(killed_at=clock.now())
    Image.objects.filter(pk=before.pk).delete()
    sweeping.sweep_killed()
    assert kept(files / "renditions") == sorted(item["path"] for item in again.renditions)


def test_each_folder_comes_up_once_a_day():
    shares = [f"{number:02x}" for number in range(256)]
    hours = [{name for name in shares if int(name, 16) % sweeping.HOURS == hour} for hour in range(24)]
    assert sorted(name for names in hours for name in names) == shares


def test_a_library_without_files_is_swept_in_peace(files):
    assert swept() == 0
    jobs.sweep_renditions.call_local()
