"""Tokens come, are shown, and go: the only writers of `Token`, and the judge of what a request carries."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Now

from board.access import Principal, Role
from board.api import failures
from board.api.exceptions import (
    BadTokenRequestError,
    NotSignedInError,
    TooManyRequestsError,
    UnknownTokenError,
)
from board.api.models import Token
from schedules import sql
from tenants import selectors

#: Secret scanners and people tell by it what they have found.
PREFIX = "matins"
MOST_DAYS = 366
# Compared where no token has the key, so that it takes as long as where one has.
_NOBODY = hashlib.sha256(b"").hexdigest()


class Issued(NamedTuple):
    """A new token, and the one time its secret is known."""

    token: Token
    secret: str


def issue(*, name: str, role: Role, days: int, tenants: Sequence[str] | None = None) -> Issued:
    """Make a token.

    Args:
        name: what it is for.
        role: what it may do.
        days: how long it opens anything.
        tenants: schema names of the only tenants it sees; all by default.

    Raises:
        BadTokenRequestError: no name, or not between a day and a year.
        UnknownTenantError: there is no such tenant.
    """
    if not name.strip():
        raise BadTokenRequestError("A token needs a name that says what it is for, such as 'nightly report'.")
    if not 1 <= days <= MOST_DAYS:
        raise BadTokenRequestError(f"A token lives from 1 to {MOST_DAYS} days; issue another one then.")
    bound = sorted({selectors.tenant(one).pk for one in tenants}) if tenants else None
    key, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    token = Token.objects.create(
        key=key,
        digest=_digest(secret),
        name=name.strip(),
        role=role,
        tenant_ids=bound,
        issued_at=Now(),
        expires_at=Now() + timedelta(days=days),
    )
    token.refresh_from_db()
    return Issued(token, f"{PREFIX}_{key}_{secret}")


def revoke(*, key: str) -> Token:
    """Let a token open nothing any more; revoking a revoked one changes nothing.

    Raises:
        UnknownTokenError: there is none of that key.
    """
    Token.objects.filter(key=key, revoked_at=None).update(revoked_at=Now())
    token = Token.objects.filter(key=key).first()
    if token is None:
        raise UnknownTokenError(f"There is no token {key!a}; `manage.py api_token list` shows them.")
    return token


def all_tokens() -> QuerySet[Token]:
    """Return every token, the newest first, whether it still opens anything as `lives`."""
    lives = Q(revoked_at=None, expires_at__gt=Now())
    return Token.objects.annotate(lives=ExpressionWrapper(lives, BooleanField())).order_by("-issued_at", "-id")


# Only who knows the secret is counted: a stranger must not use up a token's minute.
_COUNT = """
UPDATE public.board_api_token
SET minute = date_trunc('minute', clock_timestamp()),
    requests = CASE WHEN minute = date_trunc('minute', clock_timestamp()) THEN requests + 1 ELSE 1 END
WHERE id = %(id)s
RETURNING requests, ceil(60 - extract(second FROM clock_timestamp()))::int AS rest_s"""

_FIND = """
SELECT *, revoked_at IS NULL AND expires_at > clock_timestamp() AS lives
FROM public.board_api_token WHERE key = %(key)s"""


def check(text: str, *, address: str) -> Any:
    """Return the token that a request carries, as a row, and count the request.

    Args:
        text: the token.
        address: whom the request comes from.

    Raises:
        NotSignedInError: it is unknown, wrong, expired or revoked; which of them is not told.
        TooManyRequestsError: its minute is used up, or it has opened nothing too often.
    """
    prefix, _, rest = text.partition("_")
    key, _, secret = rest.partition("_")
    is_key = key.isalnum() and key.isascii()
    found = sql.fetch(_FIND, {"key": key}) if is_key else []
    digest = found[0].digest if found else _NOBODY
    is_right = hmac.compare_digest(_digest(secret), digest)
    if not (is_right and found and found[0].lives and prefix == PREFIX):
        if is_key:  # What has no key has cost Postgres nothing.
            failures.record(key=key, address=address)
        raise NotSignedInError("This token opens nothing: it is unknown, wrong, expired or revoked. Ask for a new one.")
    _count(found[0].id)
    return found[0]


def principal(row: Any) -> Principal:
    """Return who a token stands for: its name in the audit, its role, its tenants."""
    bound = None if row.tenant_ids is None else frozenset(row.tenant_ids)
    return Principal(name=f"token {row.name} ({row.key})", role=Role(row.role), tenant_ids=bound)


def _count(token_id: int) -> None:
    (used,) = sql.fetch(_COUNT, {"id": token_id})
    if used.requests > settings.MATINS_API_REQUESTS_PER_MINUTE:
        limit = settings.MATINS_API_REQUESTS_PER_MINUTE
        raise TooManyRequestsError(f"This token may ask {limit} times a minute.", retry_after_s=used.rest_s)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
