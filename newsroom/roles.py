"""Who may do what: one table, from which the groups are made.

A role is a Django group. After every migration the groups are made to match this table, so that a
role means the same in every newsroom; a newsroom that needs another one adds a group of its own
with another name, which is left alone.

The table says what somebody may do at all. Whether they may do it to this article is the matter of
articles.workflow: a contributor, the article's desk, four eyes.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

REPORTER = "reporter"
SECTION_EDITOR = "section editor"
PICTURE_EDITOR = "picture editor"
DUTY_EDITOR = "duty editor"
MODERATOR = "moderator"
NEWSLETTER_EDITOR = "newsletter editor"
ADMINISTRATOR = "administrator"


def _of(model: str, verbs: str) -> set[str]:
    """The permissions for `verbs` ("view add change") on "app.model"."""
    app, _, name = model.partition(".")
    return {f"{app}.{verb}_{name}" for verb in verbs.split()}


_READS = {"articles.view_section", "articles.view_author", "articles.view_tag", "articles.view_image"}
_WRITES = (
    _READS
    | _of("articles.article", "view add change delete")
    | {
        "articles.submit_article",
        "articles.add_image",
        "articles.add_tag",
    }
)
_EDITS = (
    _WRITES
    | _of("articles.author", "add change")
    | _of("articles.tag", "change delete")
    | _of("flatpages.flatpage", "view add change delete")
    | {
        "articles.change_image",
        "articles.approve_article",
        "articles.publish_article",
        "articles.reinstate_article",
        "articles.pin_article",
        "comments.view_comment",
        "comments.pick_comment",
    }
)

_MODERATES = (
    {"comments.view_comment", "comments.moderate_comment", "comments.pick_comment"}
    | _of("comments.ban", "view add change delete")
    | _of("comments.wordrule", "view add change delete")
    | _of("comments.opening", "view add change delete")
    | _of("comments.rejectionreason", "view add change")
    | _of("comments.report", "view")
    | _of("comments.appeal", "view")
)

# No role holds a superuser's powers, and none but the administrator's touches accounts or settings.
ROLES: dict[str, set[str]] = {
    REPORTER: _WRITES,
    SECTION_EDITOR: _EDITS,
    PICTURE_EDITOR: _READS | _of("articles.image", "add change delete kill") | _of("articles.article", "view change"),
    DUTY_EDITOR: _EDITS
    | _MODERATES
    | {
        "articles.publish_anything",
        "articles.emergency_article",
        "articles.withdraw_article",
        "articles.delete_image",
        "articles.kill_image",
    },
    MODERATOR: _MODERATES,
    NEWSLETTER_EDITOR: _of("subscribers.newsletter", "view add change")
    | _of("subscribers.consenttext", "view add change")
    | _of("subscribers.subscriber", "view change")
    | _of("subscribers.suppression", "view add delete")
    | _of("subscribers.issue", "view add change send")
    | _of("subscribers.domainlimit", "view add change delete")
    | {
        "subscribers.view_consentevent",
        "subscribers.view_subscription",
        "subscribers.export_subscriber",
        "subscribers.add_import",
        "subscribers.view_import",
        "subscribers.view_bounce",
    },
    ADMINISTRATOR: _of("newsroom.user", "view add change")
    | _of("newsroom.sitesettings", "view add change")
    | _of("articles.section", "view add change delete")
    | _of("axes.accessattempt", "view delete")  # who is locked out, and letting them in again
    | {"auth.view_group"},
}


def apply() -> None:
    """Make the group of every role hold exactly its permissions. May be called any number of times.

    Permissions that do not exist are left out here, so that a database can be migrated app by app;
    `missing()` names them.
    """
    _create_permissions()
    known = _known()
    for role, names in ROLES.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set(known[name] for name in names if name in known)


def missing() -> set[str]:
    """Permissions which the table names and nothing defines: slips of typing."""
    return set().union(*ROLES.values()) - set(_known())


def apply_after_migration(apps: Any = installed, **kwargs: Any) -> None:
    """Receiver of post_migrate. Does nothing while the tables of the accounts are not there."""
    if "group" in apps.all_models["auth"]:
        apply()


def _apps() -> Iterable[str]:
    return sorted({name.partition(".")[0] for names in ROLES.values() for name in names})


def _create_permissions() -> None:
    """Django makes them one app at a time after migrating; here they are all needed at once."""
    for label in _apps():
        create_permissions(installed.get_app_config(label), verbosity=0)


def _known() -> dict[str, Permission]:
    rows = Permission.objects.filter(content_type__app_label__in=_apps()).select_related("content_type")
    return {f"{row.content_type.app_label}.{row.codename}": row for row in rows}
