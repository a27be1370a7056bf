"""The table of roles, walked: who opens which room of the admin, and who is refused."""

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from newsroom import roles
from newsroom.models import User
from newsroom.testing import client_of, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.once]

# Which lists of the admin open for whom. Everyone else is refused.
WRITERS = {roles.REPORTER, roles.SECTION_EDITOR, roles.PICTURE_EDITOR, roles.DUTY_EDITOR}
EDITORS = {roles.SECTION_EDITOR, roles.DUTY_EDITOR}
LISTS = {
    "articles_article": WRITERS,
    "articles_author": WRITERS,
    "articles_tag": WRITERS,
    "articles_image": WRITERS,
    "articles_section": WRITERS | {roles.ADMINISTRATOR},
    "flatpages_flatpage": EDITORS,
    "comments_comment": WRITERS | {roles.MODERATOR},  # writers see those on their own articles
    "comments_rejectionreason": {roles.DUTY_EDITOR, roles.MODERATOR},
    "comments_ban": {roles.DUTY_EDITOR, roles.MODERATOR},
    "comments_wordrule": {roles.DUTY_EDITOR, roles.MODERATOR},
    "comments_opening": {roles.DUTY_EDITOR, roles.MODERATOR},
    "subscribers_issue": {roles.NEWSLETTER_EDITOR},
    "subscribers_newsletter": {roles.NEWSLETTER_EDITOR},
    "subscribers_consenttext": {roles.NEWSLETTER_EDITOR},
    "subscribers_subscriber": {roles.NEWSLETTER_EDITOR},
    "subscribers_consentevent": {roles.NEWSLETTER_EDITOR},
    "subscribers_suppression": {roles.NEWSLETTER_EDITOR},
    "subscribers_import": {roles.NEWSLETTER_EDITOR},
    "subscribers_domainlimit": {roles.NEWSLETTER_EDITOR},
    "subscribers_bounce": {roles.NEWSLETTER_EDITOR},
    "newsroom_user": {roles.ADMINISTRATOR},
    "newsroom_sitesettings": {roles.ADMINISTRATOR},
    "auth_group": {roles.ADMINISTRATOR},
    "axes_accessattempt": {roles.ADMINISTRATOR},
    "axes_accessfailurelog": set(),
    "axes_accesslog": set(),
    "sites_site": set(),
}


def signed_in(role: str | None, name: str = "somebody") -> Client:
    return client_of(make_user(name, role))


def test_every_list_of_the_admin_stands_in_the_table() -> None:
    registered = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}
    assert registered == LISTS.keys()


def test_every_permission_of_the_table_exists() -> None:
    assert roles.missing() == set()


def test_every_role_is_a_group_that_holds_exactly_its_permissions() -> None:
    for role, names in roles.ROLES.items():
        held = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
        assert {f"{app}.{codename}" for app, codename in held} == names


def test_applying_the_table_twice_changes_nothing_and_leaves_other_groups_alone() -> None:
    interns = Group.objects.create(name="interns")
    before = set(Group.permissions.through.objects.values_list("group", "permission"))
    roles.apply()
    assert set(Group.permissions.through.objects.values_list("group", "permission")) == before
    assert Group.objects.filter(pk=interns.pk).exists()


def test_a_permission_added_to_a_role_by_hand_is_gone_after_the_next_migration() -> None:
    reporter = Group.objects.get(name=roles.REPORTER)
    duty = Group.objects.get(name=roles.DUTY_EDITOR)
    reporter.permissions.add(duty.permissions.get(codename="withdraw_article"))
    roles.apply()
    assert not reporter.permissions.filter(codename="withdraw_article").exists()


@pytest.mark.parametrize("area", LISTS)
@pytest.mark.parametrize("role", [*roles.ROLES, None])
def test_a_list_opens_for_its_roles_and_for_nobody_else(role: str | None, area: str) -> None:
    response = signed_in(role).get(reverse(f"admin:{area}_changelist"))
    assert response.status_code in ((200, 302) if role in LISTS[area] else (403,))


@pytest.mark.parametrize("area", LISTS)
def test_somebody_who_does_not_work_here_is_sent_to_the_login(area: str) -> None:
    reader = User.objects.create(username="reader")
    response = client_of(reader).get(reverse(f"admin:{area}_changelist"))
    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("role", [*roles.ROLES, None])
def test_the_dashboard_opens_for_everyone_with_an_account_here(role: str | None) -> None:
    assert signed_in(role).get(reverse("admin:index")).status_code == 200


def test_only_the_duty_editor_withdraws_and_works_on_every_section() -> None:
    for verb in ("withdraw_article", "emergency_article", "publish_anything"):
        assert {role for role, names in roles.ROLES.items() if f"articles.{verb}" in names} == {roles.DUTY_EDITOR}


def test_another_editor_can_reinstate_what_the_duty_editor_withdrew() -> None:
    may = {role for role, names in roles.ROLES.items() if "articles.reinstate_article" in names}
    assert may == {roles.DUTY_EDITOR, roles.SECTION_EDITOR}


def test_an_administrator_has_no_editorial_power() -> None:
    editorial = {"articles.change_article", "articles.approve_article", "articles.publish_article"}
    assert not editorial & roles.ROLES[roles.ADMINISTRATOR]


# Accounts ----------------------------------------------------------------------------------


def account_form(user: User, **changes: object) -> dict[str, object]:
    form = {
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "time_zone": user.time_zone,
        "language": user.language,
        "is_active": "on",
        "is_staff": "on",
        "groups": [group.pk for group in user.groups.all()],
    }
    return form | changes


def test_an_administrator_gives_roles_to_others(adam: User, mallory: User) -> None:
    reporter = Group.objects.get(name=roles.REPORTER)
    address = reverse("admin:newsroom_user_change", args=[mallory.pk])
    response = client_of(adam).post(address, account_form(mallory, groups=[reporter.pk], time_zone="Europe/Berlin"))
    assert response.status_code == 302
    mallory.refresh_from_db()
    assert list(mallory.groups.all()) == [reporter]
    assert mallory.time_zone == "Europe/Berlin"


def test_an_administrator_cannot_give_themselves_a_role(adam: User) -> None:
    duty = Group.objects.get(name=roles.DUTY_EDITOR)
    address = reverse("admin:newsroom_user_change", args=[adam.pk])
    client_of(adam).post(address, account_form(adam, groups=[duty.pk]))
    assert [group.name for group in adam.groups.all()] == [roles.ADMINISTRATOR]


def test_an_administrator_cannot_make_a_superuser(adam: User, mallory: User) -> None:
    address = reverse("admin:newsroom_user_change", args=[mallory.pk])
    permission = Group.objects.get(name=roles.DUTY_EDITOR).permissions.first()
    form = account_form(mallory, is_superuser="on", user_permissions=[permission.pk])
    assert client_of(adam).post(address, form).status_code == 302
    mallory.refresh_from_db()
    assert not mallory.is_superuser
    assert not mallory.user_permissions.exists()


def test_an_administrator_cannot_touch_a_superuser(adam: User, root: User) -> None:
    client = client_of(adam)
    change = reverse("admin:newsroom_user_change", args=[root.pk])
    password = reverse("admin:auth_user_password_change", args=[root.pk])
    assert client.post(change, account_form(root, is_active="")).status_code == 403
    assert client.get(password).status_code == 403


def test_a_new_account_can_open_the_admin_with_the_role_it_was_given() -> None:
    client = signed_in(roles.ADMINISTRATOR)
    moderator = Group.objects.get(name=roles.MODERATOR)
    form = {
        "username": "erik",
        "usable_password": "true",
        "password1": "a long sentence of words",
        "password2": "a long sentence of words",
        "is_staff": "on",
        "is_superuser": "on",
        "groups": [moderator.pk],
    }
    assert client.post(reverse("admin:newsroom_user_add"), form).status_code == 302
    erik = User.objects.get(username="erik")
    assert erik.is_staff and not erik.is_superuser
    assert list(erik.groups.all()) == [moderator]


# Site settings -----------------------------------------------------------------------------


def settings_form(**changes: object) -> dict[str, object]:
    return {"name": "The Harbour Post", "accent": "#9b1c31", "undo_seconds": "20", "four_eyes": "on"} | changes


def test_the_site_settings_are_one_form() -> None:
    client = signed_in(roles.ADMINISTRATOR)
    address = reverse("admin:newsroom_sitesettings_change", args=[1])
    assert client.get(reverse("admin:newsroom_sitesettings_changelist")).headers["Location"] == address
    assert client.get(address).status_code == 200
    assert client.post(address, settings_form()).status_code == 302
    assert "The Harbour Post" in client.get(address).content.decode()


def test_an_accent_too_light_to_be_read_is_refused() -> None:
    client = signed_in(roles.ADMINISTRATOR)
    response = client.post(reverse("admin:newsroom_sitesettings_change", args=[1]), settings_form(accent="#ffee00"))
    assert "Choose a darker one." in response.content.decode()


# The login ---------------------------------------------------------------------------------


def test_too_many_wrong_passwords_lock_the_account_for_a_while_and_say_so(alice: User) -> None:
    alice.set_password("a long sentence of words")
    alice.save()
    client, login = Client(), reverse("admin:login")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        response = client.post(login, {"username": "alice", "password": "guess"})
    assert response.status_code == 429
    assert "Wait, then try again." in response.content.decode()
    locked = client.post(login, {"username": "alice", "password": "a long sentence of words"})
    assert "Locked for a while" in locked.content.decode()


def test_an_administrator_lets_somebody_in_again(adam: User, alice: User) -> None:
    attempt = AccessAttempt.objects.create(username="alice", ip_address="192.0.2.1", failures_since_start=10)
    address = reverse("admin:axes_accessattempt_delete", args=[attempt.pk])
    assert client_of(adam).post(address, {"post": "yes"}).status_code == 302
    assert not AccessAttempt.objects.exists()
