"""The library of pictures in the admin."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image as Pillow

from articles.factories import make_article, make_author, make_image, make_live, make_section
from articles.models import Image
from newsroom.lib import clock
from newsroom.models import User
from newsroom.testing import client_of

pytestmark = pytest.mark.django_db

LIST = reverse("admin:articles_image_changelist")
ADD = reverse("admin:articles_image_add")
WORDS = {
    "alt": "A bridge",
    "caption": "The bridge at noon",
    "credit": "Dora Lens",
    "copyright": "",
    "source": "",
    "rights_until": "",
    "rights_denied": "",
    "focal_x": "0.5",
    "focal_y": "0.5",
    "taken_at": "",
}


def change(image: Image) -> str:
    return reverse("admin:articles_image_change", args=[image.pk])


def delete(image: Image) -> str:
    return reverse("admin:articles_image_delete", args=[image.pk])


def upload(name: str = "bridge.jpg", colour: str = "navy") -> SimpleUploadedFile:
    file = io.BytesIO()
    Pillow.new("RGB", (640, 400), colour).save(file, "JPEG")
    return SimpleUploadedFile(name, file.getvalue(), "image/jpeg")


def words(**typed: Any) -> dict[str, Any]:
    return WORDS | typed


# Taking in ---------------------------------------------------------------------------------


def test_an_upload_comes_into_the_library_with_its_words(dora: User) -> None:
    response = client_of(dora).post(ADD, words(file=upload(), _save=""))
    assert response.status_code == 302
    image = Image.objects.get()
    assert (image.alt, image.credit, image.file_name, image.uploaded_by) == (
        "A bridge",
        "Dora Lens",
        "bridge.jpg",
        dora,
    )
    assert image.renditions


def test_a_file_that_is_no_picture_is_refused_with_the_words_still_typed(dora: User) -> None:
    response = client_of(dora).post(ADD, words(file=SimpleUploadedFile("a.jpg", b"<svg onload=alert(1)>")))
    assert response.status_code == 200
    assert len(response.context["errors"]) == 1
    assert "The bridge at noon" in response.content.decode()
    assert not Image.objects.exists()


def test_a_file_is_not_taken_in_while_another_field_is_wrong(dora: User) -> None:
    assert client_of(dora).post(ADD, words(file=upload(), focal_x="7")).status_code == 200
    assert not Image.objects.exists()


def test_the_same_bytes_lead_to_the_picture_that_is_there_and_leave_its_words_alone(dora: User, alice: User) -> None:
    client_of(dora).post(ADD, words(file=upload()))
    image = Image.objects.get()
    response = client_of(alice).post(ADD, words(file=upload("again.jpg"), alt="Something else"), follow=True)
    assert response.redirect_chain[-1][0] == change(image)
    assert "The library has this picture already." in response.content.decode()
    image.refresh_from_db()
    assert image.alt == "A bridge"


# Changing ----------------------------------------------------------------------------------


def test_a_reporter_changes_the_words_of_an_own_upload_but_not_its_rights(alice: User) -> None:
    image = make_image(uploaded_by=alice)
    client_of(alice).post(change(image), words(alt="Better words", rights_denied="no"))
    image.refresh_from_db()
    assert (image.alt, image.rights_denied) == ("Better words", "")


def test_a_reporter_does_not_change_anothers_picture(alice: User, dora: User) -> None:
    image = make_image(uploaded_by=dora)
    assert client_of(alice).get(change(image)).status_code == 200
    assert client_of(alice).post(change(image), words(alt="Mine")).status_code == 403


def test_the_picture_editor_denies_rights(dora: User) -> None:
    image = make_image()
    client_of(dora).post(change(image), words(rights_denied="The agency withdrew it."))
    image.refresh_from_db()
    assert image.rights_denied == "The agency withdrew it."


def test_an_original_is_never_linked(dora: User) -> None:
    client_of(dora).post(ADD, words(file=upload()))
    image = Image.objects.get()
    for address in (LIST, change(image)):
        page = client_of(dora).get(address).content.decode()
        assert not re.search(rf"{image.original.name}[\"'?#]", page)


# Where it is used --------------------------------------------------------------------------


def test_the_form_lists_where_a_picture_is_used(dora: User) -> None:
    image = make_image()
    make_article(headline="In a draft", lead=image)
    make_live(headline="In an edition", lead=image)
    make_author("Portrayed", portrait=image)
    page = client_of(dora).get(change(image)).content.decode()
    for name in ("In a draft", "In an edition", "Portrayed"):
        assert name in page


def test_where_it_is_used_names_no_draft_of_a_closed_desk(alice: User, berta: User) -> None:
    closed = make_section("Culture")
    closed.editors.add(berta)
    image = make_image()
    make_article(headline="Secret of the desk", lead=image, section=closed)
    assert "Secret of the desk" not in client_of(alice).get(change(image)).content.decode()


def test_a_used_picture_cannot_be_deleted_alone_or_in_bulk(dora: User) -> None:
    image = make_image()
    make_article(lead=image)
    client = client_of(dora)
    said = client.post(delete(image), {"post": "yes"}, follow=True).content.decode()
    assert "A picture that is used cannot be deleted, so nothing was deleted." in said
    bulk = {"action": "delete_selected", "_selected_action": [image.pk], "post": "yes"}
    client.post(LIST, bulk)
    assert Image.objects.filter(pk=image.pk).exists()


def test_deleting_an_unused_picture_takes_its_files_away(dora: User, django_capture_on_commit_callbacks: Any) -> None:
    client_of(dora).post(ADD, words(file=upload(colour="teal")))
    image = Image.objects.get()
    path, original = image.renditions[0]["path"], image.original.name
    assert storages["renditions"].exists(path)
    with django_capture_on_commit_callbacks(execute=True):
        assert client_of(dora).post(delete(image), {"post": "yes"}).status_code == 302
    assert not storages["renditions"].exists(path)
    assert not storages["originals"].exists(original)


# The list ----------------------------------------------------------------------------------


def test_the_library_costs_the_same_queries_for_five_pictures_and_for_fifty_and_counts_nothing(dora: User) -> None:
    client, costs = client_of(dora), []
    for number in (5, 45):
        for _ in range(number):
            make_image()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        costs.append(len(queries))
        assert not [query for query in queries if "COUNT(" in query["sql"]]
    assert costs[0] == costs[1] <= 5


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?show=alt", {"no-alt"}),
        ("?show=credit", {"no-credit"}),
        ("?show=ending", {"ending", "ended"}),
        ("?show=barred", {"ended", "denied"}),
        ("?show=mine", {"mine"}),
        ("?show=down", {"down"}),
        ("?show=animated", {"animated"}),
        ("?q=denied", {"denied"}),
        ("?q=quay+gull", {"words"}),
        ("?q=ada-creator", {"words"}),
        ("?q=agency-source", {"words"}),
        ("?q=old-site.xml", {"words"}),
    ],
)
def test_filters_find_what_is_to_be_looked_after(dora: User, query: str, found: set[str]) -> None:
    now = clock.now()
    make_image(file_name="fine", decorative=True, alt="")
    make_image(file_name="no-alt", alt="")
    make_image(file_name="no-credit", credit="")
    make_image(file_name="ending", rights_until=now + timedelta(days=3))
    make_image(file_name="ended", rights_until=now - timedelta(days=3))
    make_image(file_name="denied", rights_denied="No.")
    make_image(file_name="mine", uploaded_by=dora)
    make_image(file_name="down", killed_at=now)
    make_image(file_name="animated", frames=12)
    told = {"file_words": "Keywords: quay", "caption": "A gull", "creator": "Ada-Creator"}
    make_image(file_name="words", source="agency-source", import_source="old-site.xml", **told)
    rows = client_of(dora).get(LIST + query).context["cl"].result_list
    assert {row.file_name for row in rows} == found


def test_unused_pictures_can_be_found(dora: User) -> None:
    make_article(lead=make_image(file_name="used"))
    make_image(file_name="unused")
    rows = client_of(dora).get(LIST + "?show=unused").context["cl"].result_list
    assert {row.file_name for row in rows} == {"unused"}


def test_a_card_shows_the_picture_and_what_it_lacks(dora: User) -> None:
    now = clock.now()
    make_image(file_name="<b>.jpg", alt="", credit="", rights_until=now + timedelta(days=3), frames=3)
    make_image(file_name="fine.jpg", alt="Boats", credit="Ada")
    make_image(file_name="denied.jpg", rights_denied="The court said so.")
    make_image(file_name="ended.jpg", rights_until=now - timedelta(days=3))
    make_image(file_name="down.jpg", killed_at=now)
    response = client_of(dora).get(LIST)
    marks = {card.image.file_name: [mark.kind for mark in card.marks] for card in response.context["cards"]}
    assert marks == {
        "<b>.jpg": ["ending", "lacks", "lacks", "note"],
        "fine.jpg": [],
        "denied.jpg": ["barred"],
        "ended.jpg": ["barred"],
        "down.jpg": ["barred"],
    }
    page = response.content.decode()
    assert "may not be used: The court said so." in page
    assert "<b>.jpg" not in page


def test_a_card_shows_the_smallest_rendition_of_the_whole_picture(dora: User) -> None:
    made = [(480, "", "whole-480"), (120, "1x1", "square"), (320, "", "whole-320")]
    make_image(renditions=[{"width": w, "height": w, "type": "image/webp", "path": p, "crop": c} for w, c, p in made])
    page = client_of(dora).get(LIST).content.decode()
    assert "/images/whole-320" in page
    assert "square" not in page


def test_a_list_without_pictures_says_what_to_do(dora: User) -> None:
    client = client_of(dora)
    assert "The library is empty. Upload the first pictures." in client.get(LIST).content.decode()
    assert "No picture is like that." in client.get(LIST + "?q=nothing").content.decode()


def test_only_who_may_add_pictures_is_offered_to(alice: User, dora: User) -> None:
    dora.groups.clear()
    dora.user_permissions.add(Permission.objects.get(codename="view_image"))
    assert "data-upload" in client_of(alice).get(LIST).content.decode()
    assert "data-upload" not in client_of(dora).get(LIST).content.decode()


def test_an_outsider_is_refused(mallory: User) -> None:
    image = make_image()
    client = client_of(mallory)
    for address in (LIST, ADD, change(image), delete(image)):
        assert client.get(address).status_code == 403
    assert client.post(ADD, words(file=upload())).status_code == 403
