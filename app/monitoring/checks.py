"""System checks of monitoring: labels from a closed set, values that are no free text, and not too many series."""

import re
from collections.abc import Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from monitoring.exceptions import TooManySeriesError
from monitoring.metrics import LABELS, PREFIX, Declared, declared
from schedules.registry import catalog
from tenants.models import Tenant

#: The exporter runs these at its start, and none that would load every job.
TAG = "monitoring"

METRIC_NAME = re.compile(r"[a-z]+(_[a-z]+)*")
# A name in code, not a sentence, a date or a number that grows.
LABEL_VALUE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST_VALUE = 64


def register() -> None:
    """Register the checks with Django."""
    checks.register(check_metrics, TAG)
    checks.register(check_label_values, TAG)
    checks.register(check_tenant_series, TAG, checks.Tags.database)


def check_metrics(**_: Any) -> list[checks.CheckMessage]:
    """Return what is wrong with the metrics that are declared."""
    return [found for metric in declared() for found in _check_metric(metric)]


def _check_metric(metric: Declared) -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    name = PREFIX + metric.name
    strangers = sorted(set(metric.labels) - LABELS)
    if not METRIC_NAME.fullmatch(metric.name) or metric.counts != metric.name.endswith("_total"):
        hint = "Use snake_case with the unit last; what only grows, and nothing else, ends in _total."
        found.append(checks.Error(f"Metric {name} is not named well.", hint=hint, id="monitoring.E001"))
    if strangers:
        hint = f"Use {', '.join(sorted(LABELS))}; per-run detail belongs in the ledger and the log."
        found.append(checks.Error(f"Metric {name} has label {strangers[0]!r}.", hint=hint, id="monitoring.E002"))
    return found


def check_label_values(**_: Any) -> list[checks.CheckMessage]:
    """Return the schedules and queues whose names are no label values."""
    names = [*_schedule_names(), *settings.MATINS_QUEUES]
    bad = [name for name in names if not LABEL_VALUE.fullmatch(name) or len(name) > LONGEST_VALUE]
    hint = f"Use at most {LONGEST_VALUE} lower-case letters and digits in words joined by '-': it is a label's value."
    return [checks.Error(f"{name!r} cannot name a schedule or queue.", hint=hint, id="monitoring.E003") for name in bad]


def _schedule_names() -> Sequence[str]:
    try:
        return [schedule.name for schedule in catalog()]
    except (ImportError, ValueError):
        return []  # schedules.E001 says so.


def check_tenant_series(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Return whether full series by tenant and schedule were asked for, for too many tenants."""
    try:
        if databases:
            refuse_too_many_series()
    except TooManySeriesError as error:
        return [checks.Error(str(error), id="monitoring.E004")]
    return []


def refuse_too_many_series() -> None:
    """Refuse full series where there are more tenants than they are allowed for.

    While the database is away nothing is refused here; the exporter then leaves the series out and counts them.

    Raises:
        TooManySeriesError: says what to change.
    """
    if settings.MATINS_TENANT_SERIES != "full":
        return
    try:
        tenants = Tenant.objects.filter(status=Tenant.Status.ACTIVE).count()
    except (DatabaseError, psycopg.Error):
        return
    if tenants > settings.MATINS_FULL_SERIES_TENANTS_MAX:
        raise TooManySeriesError(tenants, settings.MATINS_FULL_SERIES_TENANTS_MAX)
