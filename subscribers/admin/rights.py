"""Who may do what, said once for the tables of newsletters."""

from typing import Any, cast

from django.http import HttpRequest

from newsroom.models import User


def who(request: HttpRequest) -> User:
    """The user at work, given as the actor of what is done."""
    return cast(User, request.user)  # nobody else comes into the admin


class ReadOnly:
    """Mixin for what is proof: it is looked at, and neither made, changed nor deleted here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
