"""Registration: `migrate` writes the catalog's names and crons into the ledger, and nothing opens before that.

So a first deployment opens no history, a renamed schedule keeps its windows, a moved one expects each business date
once, and a beat of the old deployment cannot open windows of the new one or the other way round.
"""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import cache

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from common import clock
from schedules import sql
from schedules.catalog import Catalog, Schedule
from schedules.models import Registration, Window
from tenants.locks import participation_lock


@cache
def catalog() -> Catalog:
    """Return this process's catalog, the one `MATINS_CATALOG` names."""
    loaded: Catalog = import_string(settings.MATINS_CATALOG)
    return loaded


@transaction.atomic
def register(declared: Catalog, now: datetime | None = None) -> None:
    """Bring the registered schedules in step with a catalog.

    Args:
        declared: the catalog of the deployment that is being migrated to.
        now: business time; the present by default.
    """
    now = now or clock.now()
    participation_lock()
    for schedule in declared:
        _register_one(schedule, now)
    for gone in Registration.objects.filter(until=None).exclude(name__in=[s.name for s in declared]):
        _retire(gone, now)


def _register_one(schedule: Schedule, now: datetime) -> None:
    if schedule.renamed_from is not None:
        _rename(schedule.renamed_from, schedule.name)
    known = Registration.objects.filter(name=schedule.name).first()
    if known is None or known.until is not None:
        Registration.objects.update_or_create(name=schedule.name, defaults=_fresh(schedule, now))
        return
    if known.cron != schedule.cron:
        known.since = _moved_since(known, schedule, now)
        known.opened_through = min(known.opened_through, known.since)  # Its new times up to now are yet to be opened.
        known.cron = schedule.cron
    known.books = schedule.books
    known.save()


def _fresh(schedule: Schedule, now: datetime) -> dict[str, object]:
    return {
        "cron": schedule.cron,
        "since": now,
        "until": None,
        "books": schedule.books,
        "opened_through": now,
    }


def _moved_since(known: Registration, schedule: Schedule, now: datetime) -> datetime:
    """Return from when a moved schedule's new times are expected.

    That is after its last old occurrence; but where old ones were still missing, from the first of them on, so that
    each of those business dates is opened at its new time instead of never.
    """
    from schedules.opening import still_missing

    old = replace(schedule, cron=known.cron)
    lacking = still_missing(old, known.since, now)
    if not lacking:
        return max(known.since, old.last_occurrence(now))
    first = lacking[0].due_at
    return datetime.combine(first, time(), UTC) if schedule.is_dated else first - timedelta(microseconds=1)


def _rename(old: str, new: str) -> None:
    if Registration.objects.filter(name=new).exists():
        return
    if Registration.objects.filter(name=old).update(name=new):
        Window.objects.filter(schedule=old).update(schedule=new)
        sql.execute(
            """UPDATE public.schedules_window SET after = array_replace(after, %(old)s, %(new)s)
               WHERE %(old)s = ANY (after)""",
            {"old": old, "new": new},
        )


def _retire(gone: Registration, now: datetime) -> None:
    Registration.objects.filter(pk=gone.pk).update(until=now)
    sql.execute(
        """UPDATE public.schedules_run r
           SET state = 'skipped', reason = 'schedule removed from the catalog', finished_at = %(now)s,
               published_at = NULL
           FROM public.schedules_window w
           WHERE w.id = r.window_id AND w.schedule = %(name)s AND r.state IN ('waiting', 'ready', 'failed')""",
        {"name": gone.name, "now": now},
    )
