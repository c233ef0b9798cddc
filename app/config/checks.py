"""What must not reach production: system checks with an id and a hint, and the refusal to start on an error."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import redis
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register, run_checks  # noqa: A004 - Django's name.
from django.core.exceptions import ImproperlyConfigured

from common import clock, sealing

BROKER_TIMEOUT_S = 3


class Rule(NamedTuple):
    """One thing that production refuses: its id, when it is broken, what to say and what to do."""

    id: str
    broken: Callable[[], bool]
    message: str
    hint: str


def _celery_conf() -> Any:
    from config.celery import app

    return app.conf


def _is_command() -> bool:
    return Path(sys.argv[0]).name == "manage.py"


RULES = (
    Rule(
        "matins.E001",
        lambda: settings.MATINS_SANDBOX,
        "The embedded sandbox is no database for production.",
        "Unset MATINS_SANDBOX and set DATABASE_URL, DATABASE_OWNER_URL, REDIS_URL and REDIS_RESULT_URL.",
    ),
    Rule(
        "matins.E002",
        lambda: settings.DEBUG,
        "DEBUG is on: error pages show settings and rows, and every query is kept in memory.",
        "Unset DEBUG.",
    ),
    Rule(
        "matins.E003",
        lambda: settings.SECRET_KEY == settings.INSECURE_SECRET_KEY,
        "SECRET_KEY is the public default: anyone can forge a session.",
        "Set SECRET_KEY to 50 random characters from a secret store.",
    ),
    Rule(
        "matins.E004",
        lambda: settings.TIME_ZONE != "UTC" or _celery_conf().timezone != "UTC",
        "The time zone is not UTC: windows, business dates and deadlines are defined in UTC.",
        "Unset TIME_ZONE and CELERY_TIMEZONE.",
    ),
    Rule(
        "matins.E005",
        lambda: _celery_conf().task_always_eager,
        "Tasks are eager: they run in the caller, without a broker, a worker or a time limit.",
        "Unset CELERY_TASK_ALWAYS_EAGER.",
    ),
    Rule(
        "matins.E006",
        clock.is_simulated,
        "The business clock is simulated.",
        "Unset MATINS_CLOCK_FILE.",
    ),
    Rule(
        "matins.E007",
        lambda: settings.MATINS_DB_ROLE == "owner" and not _is_command(),
        "A long-lived process would run as the owner of the database, who can drop schemas and change history.",
        "Unset MATINS_DB_ROLE; the commands that need the owner choose it themselves.",
    ),
    Rule(
        "matins.E008",
        lambda: settings.MATINS_APP_DB_USER == settings.MATINS_OWNER_DB_USER,
        "The owner and the app share one database user.",
        "Give DATABASE_URL the user of the app role and DATABASE_OWNER_URL that of the owner.",
    ),
    Rule(
        "matins.E010",
        lambda: settings.MATINS_PAYMENT_PROCESSOR.startswith("payments.ach.simulator."),
        "Payments would go to the simulated bank: borrowers would be credited with money that nobody collects.",
        "Set MATINS_PAYMENT_PROCESSOR to payments.ach.processor.AchProcessor, or unset it to collect nothing.",
    ),
    Rule(
        "matins.E011",
        lambda: not settings.MATINS_IDENTITY_KEYS or settings.SANDBOX_IDENTITY_KEY in settings.MATINS_IDENTITY_KEYS,
        "Identities and account numbers would be sealed with no key, or with the sandbox's, which is public.",
        "Set MATINS_IDENTITY_KEYS from a secret store; `openssl rand -base64 64 | tr -d '\\n'` makes a key.",
    ),
)


@register("matins")
def check_settings(**_: object) -> Iterable[CheckMessage]:
    """Refuse the settings of a laptop in production (matins.E001 to E008, E010, E011)."""
    if settings.MATINS_ENV != "production":
        return []
    return [Error(rule.message, hint=rule.hint, id=rule.id) for rule in RULES if rule.broken()]


@register("matins")
def check_broker(**_: object) -> Iterable[CheckMessage]:
    """Refuse a broker that may evict messages (matins.E009); one that does not answer is a warning (W001)."""
    if settings.MATINS_ENV != "production":
        return []
    try:
        policy = _eviction_policy(_celery_conf().broker_url)
    except redis.RedisError as error:
        hint = "Messages wait until it answers; check REDIS_URL and the network."
        return [Warning(f"The broker does not answer: {error}", hint=hint, id="matins.W001")]
    if policy == "noeviction":
        return []
    hint = "Set maxmemory-policy to noeviction: a full broker must refuse messages, not drop them."
    return [Error(f"The broker's maxmemory-policy is {policy}.", hint=hint, id="matins.E009")]


def _eviction_policy(url: str) -> str:
    timeouts = {"socket_timeout": BROKER_TIMEOUT_S, "socket_connect_timeout": BROKER_TIMEOUT_S}
    with redis.Redis.from_url(url, **timeouts) as client:
        return str(client.info("memory")["maxmemory_policy"])


@register("matins")
def check_identity_keys(**_: object) -> Iterable[CheckMessage]:
    """Refuse keys that cannot seal, wherever we are (matins.E012)."""
    try:
        sealing.check_keys()
    except ImproperlyConfigured as error:
        hint = "Separate keys with commas, the newest first; keep old ones until `reseal` has ended everywhere."
        return [Error(str(error), hint=hint, id="matins.E012")]
    return []


def refuse_errors() -> None:
    """End this process with the errors of the system checks, if there are any.

    Raises:
        SystemExit: with every error's id, message and hint as its text.
    """
    errors = [message for message in run_checks() if message.is_serious() and not message.is_silenced()]
    if errors:
        lines = "\n".join(map(str, errors))
        raise SystemExit(f"Matins does not start, because its system checks found errors:\n\n{lines}")
