"""Guessing passwords is slowed down: an authentication backend that refuses before any password is compared.

A backend and not a page's affair, so that the admin's sign-in is held to the same. Counted in Postgres, because web
processes share nothing else.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest

from board.models import SignInFailure

WITHIN = timedelta(minutes=5)
#: So many failures within that time from one address: for one name, and for all of them (people share addresses).
MOST_FOR_NAME, MOST_FOR_ADDRESS = 5, 50
NAME_LENGTH = 150


class Throttle(BaseBackend):
    """Stands before Django's own backend and knows nobody."""

    def authenticate(self, request: HttpRequest | None, username: str | None = None, **_: Any) -> None:
        """Let the next backend decide, unless there were too many failures.

        Raises:
            PermissionDenied: there were, which ends the sign-in.
        """
        if request is not None and is_limited(request, username or ""):
            raise PermissionDenied


def is_limited(request: HttpRequest, name: str) -> bool:
    """Return whether this address must wait before it tries this name again."""
    recent = SignInFailure.objects.filter(at__gt=datetime.now(UTC) - WITHIN, address=_address(request))
    counted = recent.aggregate(name=Count("pk", filter=Q(name=name[:NAME_LENGTH])), address=Count("pk"))
    return bool(counted["name"] >= MOST_FOR_NAME or counted["address"] >= MOST_FOR_ADDRESS)


def record(*, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Answer `user_login_failed`: remember it, and forget the old ones."""
    if request is None:
        return
    name = str(credentials.get("username", ""))[:NAME_LENGTH]
    if is_limited(request, name):
        return  # Refused unread; counting these would let the waiting never end.
    now = datetime.now(UTC)
    SignInFailure.objects.filter(at__lt=now - WITHIN).delete()
    SignInFailure.objects.create(name=name.replace("\0", ""), address=_address(request), at=now)


def _address(request: HttpRequest) -> str:
    """Return whom the request comes from; behind a load balancer uvicorn has read its header already."""
    return str(request.META.get("REMOTE_ADDR", ""))[:45]
