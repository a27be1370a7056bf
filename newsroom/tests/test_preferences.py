"""Everyone sets their own zone and language, and gains no power by it."""

import pytest
from django.urls import reverse

from newsroom.models import User
from newsroom.testing import client_of

pytestmark = pytest.mark.django_db

ME = reverse("admin:preferences")


def test_a_reporter_sets_zone_and_language(alice: User) -> None:
    typed = {"first_name": "Alice", "last_name": "Reed", "time_zone": "Asia/Tokyo", "language": "de"}
    assert client_of(alice).post(ME, typed).headers["Location"] == ME
    alice.refresh_from_db()
    assert (alice.last_name, alice.time_zone, alice.language) == ("Reed", "Asia/Tokyo", "de")


def test_no_mails_are_offered_that_nobody_sends(root: User, alice: User) -> None:
    for page in (ME, reverse("admin:newsroom_user_change", args=[alice.pk])):
        assert "mail_on_" not in client_of(root).get(page).content.decode()


def test_a_zone_that_is_not_on_the_list_is_refused(alice: User) -> None:
    response = client_of(alice).post(ME, {"time_zone": "Mars/Olympus"})
    assert response.status_code == 200
    assert "time_zone" in response.context["form"].errors


def test_nobody_gives_themselves_power_here(alice: User) -> None:
    client_of(alice).post(ME, {"is_superuser": "on", "groups": ["1"], "username": "root", "is_staff": ""})
    alice.refresh_from_db()
    assert not alice.is_superuser
    assert alice.is_staff
    assert alice.username == "alice"
    assert [group.name for group in alice.groups.all()] == ["reporter"]


def test_looking_at_the_form_changes_nothing_and_strangers_are_sent_to_the_login(client: object, alice: User) -> None:
    assert client_of(alice).get(ME).status_code == 200
    assert client.get(ME).status_code == 302  # type: ignore[attr-defined]
