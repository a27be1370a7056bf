"""Pages of the library on which something is done to pictures: many at once, another file, taking down."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import ProtectedError
from django.urls import reverse
from PIL import Image as Pillow

from articles import library, publishing
from articles.admin.library_uses import uses_of
from articles.factories import approve, edit, make_article, make_image, make_live, make_section
from articles.models import ArticleImage, Image
from articles.tests.pictures import files
from newsroom.lib import clock
from newsroom.models import User
from newsroom.testing import client_of

__all__ = ["files"]

pytestmark = pytest.mark.django_db

LIST = reverse("admin:articles_image_changelist")
UPLOAD = reverse("admin:articles_image_upload")


def jpeg(colour: str = "navy", name: str = "bridge.jpg", size: tuple[int, int] = (640, 400)) -> SimpleUploadedFile:
    file = io.BytesIO()
    Pillow.new("RGB", size, colour).save(file, "JPEG")
    return SimpleUploadedFile(name, file.getvalue(), "image/jpeg")


def taken(colour: str = "navy", **words: Any) -> Image:
    return library.add(jpeg(colour), name=f"{colour}.jpg", **words)[0]


def page(name: str, *images: Image) -> str:
    if name in ("bulk", "words"):
        return reverse(f"admin:articles_image_{name}") + "?" + "&".join(f"id={image.pk}" for image in images)
    return reverse(f"admin:articles_image_{name}", args=[images[0].pk])


def said(response: Any) -> str:
    return response.content.decode()


# Who may -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "open_to"),
    [
        ("upload", {"alice", "bob", "charlie", "dora"}),
        ("words", {"alice", "bob", "charlie", "dora"}),
        ("bulk", {"bob", "charlie", "dora"}),
        ("replace", {"bob", "charlie", "dora"}),
        ("kill", {"charlie", "dora"}),
        ("restore", {"charlie", "dora"}),
    ],
)
def test_each_page_is_open_to_its_roles_and_to_nobody_else(files, request: Any, name: str, open_to: set[str]) -> None:
    image = taken()
    address = UPLOAD if name == "upload" else page(name, image)
    everyone = ("alice", "bob", "charlie", "dora", "erik", "nora", "adam", "mallory")
    for login in everyone:
        client = client_of(request.getfixturevalue(login))
        for answer in (client.get(address), client.post(address, {})):
            assert (answer.status_code != 403) == (login in open_to), login
    image.refresh_from_db()
    assert (image.killed_at, image.events.count()) == (None, 1)


def test_nothing_is_done_without_a_post(files, dora: User) -> None:
    image = taken()
    client = client_of(dora)
    for name in ("kill", "replace", "bulk", "words"):
        assert client.get(page(name, image)).status_code == 200
    image.refresh_from_db()
    assert (image.killed_at, image.events.count()) == (None, 1)


# Many at once, without a script ---------------------------------------------------------------


def test_many_files_are_taken_in_and_each_that_is_not_is_told(files, alice: User) -> None:
    known = taken("teal")
    damaged = SimpleUploadedFile("notes.jpg", b"no picture")
    sent = [jpeg("navy", "one.jpg"), damaged, jpeg("teal", "again.jpg"), jpeg("red", "two.jpg")]
    response = client_of(alice).post(UPLOAD, {"file": sent}, follow=True)
    new = list(Image.objects.exclude(pk=known.pk).order_by("pk"))
    assert [image.file_name for image in new] == ["one.jpg", "two.jpg"]
    assert response.redirect_chain[-1][0] == page("words", *new)
    assert "2 pictures are new in the library." in said(response)
    assert "“notes.jpg” was not taken: This is not a picture that can be used here." in said(response)
    assert f'The library has “again.jpg” already. <a href="{page("change", known)}">' in said(response)


def test_an_upload_without_a_file_says_so(dora: User) -> None:
    assert "No file arrived." in said(client_of(dora).post(UPLOAD, follow=True))


def test_their_words_are_typed_on_one_page_and_a_credit_for_all_that_have_none(files, alice: User) -> None:
    one, two = taken("navy", by=alice), taken("red", by=alice, credit="Ada")
    data = {
        f"p{one.pk}-alt": "A blue wall",
        f"p{two.pk}-credit": "Ada",
        f"initial-p{two.pk}-credit": "Ada",
        "all-credit": "Alice",
    }
    response = client_of(alice).post(page("words", one, two), data, follow=True)
    assert "1 picture was changed." in said(response)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.alt, one.credit, two.credit) == ("A blue wall", "Alice", "Ada")


def test_who_types_words_does_not_undo_what_a_colleague_changed_beside_them(files, alice: User) -> None:
    image = taken(by=alice, credit="Old")
    library.use_words([image], by=None, credit="The colleague's")
    data = {f"p{image.pk}-{name}": value for name, value in (("alt", "A wall"), ("credit", "Old"))}
    data[f"initial-p{image.pk}-credit"] = "Old"
    client_of(alice).post(page("words", image), data)
    image.refresh_from_db()
    assert (image.alt, image.credit) == ("A wall", "The colleague's")


def test_the_words_of_anothers_picture_are_not_a_reporters_to_type(files, alice: User, dora: User) -> None:
    own, other = taken("navy", by=alice), taken("red", by=dora)
    client = client_of(alice)
    assert "1 picture is left out" in said(client.get(page("words", own, other)))
    client.post(page("words", own, other), {f"p{other.pk}-alt": "Mine"})
    other.refresh_from_db()
    assert other.alt == ""
    assert "None of these pictures is open to you" in said(client.get(page("words", other), follow=True))


def test_wrong_words_are_told_and_nothing_is_saved(files, dora: User) -> None:
    one, two = taken("navy"), taken("red")
    data = {f"p{one.pk}-alt": "A wall", f"p{two.pk}-alt": "x" * 501}
    assert "nothing was saved yet" in said(client_of(dora).post(page("words", one, two), data))
    one.refresh_from_db()
    assert one.alt == ""


def test_words_of_many_cost_a_bounded_number_of_queries_to_show(
    files, dora: User, django_assert_max_num_queries
) -> None:
    images = [make_image() for _ in range(30)]
    client = client_of(dora)
    with django_assert_max_num_queries(8):
        assert client.get(page("words", *images)).status_code == 200
    with django_assert_max_num_queries(8):
        assert client.get(page("bulk", *images)).status_code == 200


# Bulk --------------------------------------------------------------------------------------


def test_the_list_leads_its_chosen_pictures_to_the_page_for_many_and_back(files, dora: User) -> None:
    one, two = taken("navy"), taken("red", credit="Ada")
    chosen = {"action": "change_selected", "_selected_action": [two.pk, one.pk]}
    client = client_of(dora)
    response = client.post(f"{LIST}?show=alt", chosen)
    assert response.url.startswith(page("bulk", two, one))
    assert "Now: nothing (1), “Ada” (1)" in said(client.get(response.url)) or "Now: “Ada” (1), nothing (1)" in said(
        client.get(response.url)
    )
    response = client.post(response.url, {"change_credit": "on", "credit": "Dora"})
    assert response.url == f"{LIST}?show=alt"


def test_only_marked_fields_are_changed_and_the_result_is_told_in_numbers(files, dora: User) -> None:
    one, two = taken("navy", source="Agency"), taken("red", credit="Dora", source="Agency", rights_denied="No.")
    data = {"change_credit": "on", "credit": "Dora", "change_rights_denied": "on", "rights_denied": ""}
    response = client_of(dora).post(page("bulk", one, two), data, follow=True)
    assert "2 pictures of 2 were changed." in said(response)
    response = client_of(dora).post(page("bulk", one, two), {"change_credit": "on", "credit": "Dora"}, follow=True)
    assert "0 pictures of 2 were changed. 2 pictures had these values already." in said(response)
    for image in (one, two):
        image.refresh_from_db()
        assert (image.credit, image.source, image.rights_denied) == ("Dora", "Agency", "")
        assert image.events.first().verb == "bulk"


def test_rights_of_many_end_at_a_moment_in_the_editors_own_zone(files, dora: User) -> None:
    User.objects.filter(pk=dora.pk).update(time_zone="Europe/Berlin")
    image = taken()
    client_of(dora).post(page("bulk", image), {"change_rights_until": "on", "rights_until": "2027-01-15T12:00"})
    image.refresh_from_db()
    assert image.rights_until == datetime(2027, 1, 15, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Nothing is marked to be changed."),
        ({"credit": "Dora"}, "This is typed, but not marked to be changed."),
        ({"change_credit": "on", "credit": "x" * 256}, "at most 255 characters"),
    ],
)
def test_what_is_asked_of_many_wrongly_is_told_and_changes_nothing(files, dora: User, data: Any, sentence: str) -> None:
    image = taken()
    assert sentence in said(client_of(dora).post(page("bulk", image), data))
    image.refresh_from_db()
    assert image.credit == ""


# Another file ------------------------------------------------------------------------------


def test_another_file_is_put_in_the_place_of_a_picture(files, dora: User) -> None:
    image = taken(alt="A wall")
    response = client_of(dora).post(page("replace", image), {"file": jpeg("red", "red.jpg", (600, 300))}, follow=True)
    assert "The new file is in its place" in said(response)
    assert "Another file put in its place" in said(response)
    image.refresh_from_db()
    assert (image.file_name, image.width, image.alt) == ("red.jpg", 600, "A wall")


def test_a_file_that_another_picture_has_is_refused_with_a_link_to_it(files, dora: User) -> None:
    image, other = taken("navy"), taken("red")
    response = client_of(dora).post(page("replace", image), {"file": jpeg("red")})
    assert f'as “red.jpg”. Use that picture, or choose another file. <a href="{page("change", other)}">' in said(
        response
    )


def test_the_same_file_and_a_broken_one_are_refused_at_the_field(files, dora: User) -> None:
    image = taken()
    client = client_of(dora)
    assert "the file that the picture has already" in said(client.post(page("replace", image), {"file": jpeg()}))
    broken = SimpleUploadedFile("notes.jpg", b"no picture")
    assert "This is not a picture" in said(client.post(page("replace", image), {"file": broken}))


def test_whoever_uploaded_a_picture_may_not_replace_it_where_others_use_it(files, alice: User) -> None:
    image = taken(by=alice)
    assert client_of(alice).post(page("replace", image), {"file": jpeg("red")}).status_code == 403


# Taking down -------------------------------------------------------------------------------


def test_the_page_for_taking_down_shows_what_is_live_and_offers_a_notice(files, dora: User) -> None:
    image = taken()
    make_live(headline="Bridge closed", lead=image)
    asked = said(client_of(dora).get(page("kill", image)))
    assert "Readers see this picture now." in asked
    assert "Bridge closed" in asked
    assert "This picture is no longer available." in asked


def test_a_picture_is_taken_down_and_brought_back_on_its_pages(files, dora: User, charlie: User) -> None:
    image = taken()
    asked = {"notice": "Withdrawn by the agency.", "reason": "They called."}
    form = said(client_of(dora).post(page("kill", image), asked, follow=True))
    assert "The picture is taken down everywhere." in form
    assert "They called." in form
    again = client_of(charlie).post(page("kill", image), asked, follow=True)
    assert "Dora took this picture down, just now." in said(again)
    form = said(client_of(charlie).post(page("restore", image), follow=True))
    assert "The picture is back, wherever it is used." in form
    image.refresh_from_db()
    assert image.killed_at is None


def test_everything_that_shows_it_to_editors_says_that_it_is_down(files, dora: User, bob: User) -> None:
    image = taken()
    article = make_live(headline="Bridge closed", lead=image).article
    library.kill(image, by=dora, notice="Gone.", reason="Called.")
    client = client_of(bob)
    for address in (LIST, page("change", image), reverse("admin:articles_article_changelist")):
        assert "taken down" in said(client.get(address)), address
    known = client.get(reverse("admin:articles_image_library"), {"id": image.pk}).json()["images"]
    assert [row["down"] for row in known] == [True]
    assert client.get(reverse("admin:articles_image_library")).json()["images"] == []
    assert article.image_uses.count() == 1


def test_a_form_that_was_open_while_it_was_taken_down_does_not_bring_it_back(files, dora: User) -> None:
    image = taken()
    library.kill(image, by=dora, notice="Gone.", reason="Called.")
    words = {"alt": "New words", "focal_x": "0.5", "focal_y": "0.5"}
    assert client_of(dora).post(page("change", image), words).status_code == 302
    image.refresh_from_db()
    assert (image.alt, image.renditions) == ("New words", [])
    assert image.killed_at is not None


# Where it is used ----------------------------------------------------------------------------


@pytest.fixture
def traveller() -> Any:
    with time_machine.travel("2026-11-22 12:00:00+00:00", tick=False) as traveller:
        yield traveller


def test_each_use_says_what_it_is_to_readers(files, dora: User, bob: User, traveller: Any) -> None:
    image, other = taken(), make_image()
    make_article(headline="A draft", lead=image)
    make_live(headline="Live now", lead=image)
    past = make_live(headline="Once live", lead=image).article
    past.image_uses.update(image=other)
    approve(edit(past, headline="Once live, changed"))
    publishing.publish(past, by=bob)
    traveller.shift(60)
    planned = make_article(headline="To come", lead=image, status="approved")
    publishing.schedule(planned, by=bob, starts_at=clock.now() + timedelta(hours=1))
    uses = {use.name: use.said for use in uses_of(image, dora).rows}
    assert uses == {
        "Live now": "live, in the draft",
        "To come": "planned, in the draft",
        "A draft": "in the draft",
        "Once live, changed": "in an earlier edition",
    }


def test_a_live_article_of_a_closed_desk_is_named_as_readers_know_it(files, alice: User, berta: User) -> None:
    closed = make_section("Culture")
    closed.editors.add(berta)
    image = taken()
    edition = make_live(headline="Opera opens", lead=image, section=closed)
    edit(edition.article, headline="Secret of the desk")
    rows = uses_of(image, alice).rows
    assert [(use.name, use.address, use.said) for use in rows] == [("Opera opens", edition.path, "live")]


def test_a_static_page_is_a_use_too(files, dora: User) -> None:
    from django.contrib.flatpages.models import FlatPage

    image = taken()
    text = f'<figure data-image="{image.pk}"><img alt="x"></figure>'
    FlatPage.objects.create(url="/about/", title="About us", content=text)
    assert [use.name for use in uses_of(image, dora).rows] == ["About us"]
    assert client_of(dora).get(f"{LIST}?show=unused").context["cards"] == []
    client_of(dora).post(page("delete", image), {"post": "yes"})
    assert Image.objects.filter(pk=image.pk).exists()


@pytest.mark.parametrize("alone", [True, False])
def test_a_use_that_begins_while_it_is_deleted_is_told_and_nothing_is_deleted(
    files, dora: User, monkeypatch: Any, alone: bool
) -> None:
    image, unused = taken("navy"), taken("red")

    def raced(image: Image) -> None:
        raise ProtectedError("used", set())

    monkeypatch.setattr(library, "remove", raced)
    client = client_of(dora)
    if alone:
        response = client.post(page("delete", image), {"post": "yes"}, follow=True)
    else:
        chosen = {"action": "delete_selected", "_selected_action": [unused.pk, image.pk], "post": "yes"}
        response = client.post(LIST, chosen, follow=True)
    assert "A picture that is used cannot be deleted, so nothing was deleted." in said(response)
    assert Image.objects.count() == 2


# The form ------------------------------------------------------------------------------------


def test_the_form_tells_what_was_done_to_the_picture_and_what_its_file_says(files, dora: User) -> None:
    image = taken(file_words="Keywords: harbour, quay")
    library.use_words([image], by=dora, credit="Dora", decorative=True)
    form = said(client_of(dora).get(page("change", image)))
    for told in ("Taken into the library", "Credit: (empty) → “Dora”", "Decorative: no → yes", "harbour, quay"):
        assert told in form


def test_a_change_on_the_form_is_logged_with_the_values_before_and_after(files, dora: User) -> None:
    image = taken()
    words = {"alt": "A wall", "focal_x": "0.25", "focal_y": "0.5", "rights_until": "2027-01-15T12:00"}
    client_of(dora).post(page("change", image), words)
    event = image.events.first()
    assert (event.verb, event.by) == ("words", dora)
    assert event.data == {
        "alt": ["", "A wall"],
        "focal_x": [0.5, 0.25],
        "rights_until": [None, "2027-01-15T12:00:00+00:00"],
    }


def test_a_form_costs_the_same_queries_whatever_was_done_and_wherever_it_is_used(
    files, dora: User, django_assert_max_num_queries
) -> None:
    image = taken()
    for number in range(6):
        library.use_words([image], by=dora, credit=f"Dora {number}")
        make_live(lead=image)
    ArticleImage.objects.update(caption="x")
    client = client_of(dora)
    with django_assert_max_num_queries(16):
        assert client.get(page("change", image)).status_code == 200
