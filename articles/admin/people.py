"""Who is at the other end of a request."""

from typing import cast

from django.http import HttpRequest

from newsroom.models import User


def who(request: HttpRequest) -> User:
    """The user. The admin lets nobody in who is not signed in."""
    return cast(User, request.user)
