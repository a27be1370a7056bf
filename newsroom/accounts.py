"""The account of somebody who works here, as a person's data: handed over, or emptied so that its record can stay."""

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import ForeignKey, Q, QuerySet
from django.utils.translation import gettext as _

from newsroom.lib.personal import Rows, Tables, filled, forget_in_log, rows
from newsroom.models import User
from newsroom.roles import ADMINISTRATOR

LOGINS = (AccessAttempt, AccessLog, AccessFailureLog)


class Refused(Exception):
    """The account cannot be erased. As text: why, and what to do first."""


def of(email: str) -> QuerySet[User]:
    """The accounts with this address; more than one can have it."""
    return User.objects.filter(email__iexact=email.strip()) if email.strip() else User.objects.none()


def export(user: User) -> Tables:
    """The account, its logins, what it did in the admin, and where it is named besides that."""
    logins = [_logins(kind.objects.filter(username__iexact=user.username)) for kind in LOGINS]
    return filled(
        {
            "accounts": rows(
                User.objects.filter(pk=user.pk),
                username="username",
                first_name="first_name",
                last_name="last_name",
                email="email",
                time_zone="time_zone",
                language="language",
                since="date_joined",
                last_login="last_login",
            ),
            "roles": rows(user.groups.all(), name="name"),
            "logins": [row for found in logins for row in found],
            "admin_log": rows(
                LogEntry.objects.filter(user=user), at="action_time", kind="content_type__model", what="object_repr"
            ),
            "named_in": named_in(user),
        }
    )


def named_in(user: User) -> Rows:
    """Each table that names the account, as what, and in how many rows; found by the models themselves."""
    found = []
    for relation in User._meta.get_fields(include_hidden=True):
        field = getattr(relation, "field", None)
        if not relation.auto_created or not isinstance(field, ForeignKey) or field.model._meta.auto_created:
            continue
        if number := field.model._base_manager.filter(**{field.name: user}).count():
            label = field.model._meta
            found.append({"table": f"{label.app_label}.{label.model_name}", "as": field.name, "rows": number})
    return sorted(found, key=lambda row: (row["table"], row["as"]))


def may_be_erased(user: User) -> None:
    """Raise Refused where nobody could administer the newsroom any more."""
    administrators = User.objects.filter(is_active=True, is_staff=True)
    administrators = administrators.filter(Q(is_superuser=True) | Q(groups__name=ADMINISTRATOR))
    if administrators.filter(pk=user.pk).exists() and not administrators.exclude(pk=user.pk).exists():
        sentence = _("%(user)s is the last administrator. Make another account one, then erase this one.")
        raise Refused(sentence % {"user": user})


@transaction.atomic
def erase(user: User) -> dict[str, int]:
    """Empty and close the account. Nobody can sign in with it, and its sessions are over.

    What names it stays: who decided on what was published is the newsroom's own record.
    """
    done = {"logins": sum(kind.objects.filter(username__iexact=user.username).delete()[0] for kind in LOGINS)}
    user.groups.clear()
    user.user_permissions.clear()
    user.username = f"erased-{user.pk}"
    user.first_name = user.last_name = user.email = user.time_zone = user.language = ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.mail_on_assignment = user.mail_on_decision = False
    user.last_login = None
    user.set_unusable_password()
    user.save()
    forget_in_log(User, [user.pk])
    return {"accounts": 1} | {table: number for table, number in done.items() if number}


def _logins(found: QuerySet[AccessLog]) -> Rows:
    return rows(found, at="attempt_time", address="ip_address", browser="user_agent")
