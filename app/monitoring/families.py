"""From judgements to metrics: what each series says, and which are left out."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from django.conf import settings
from prometheus_client.core import Metric

from monitoring import metrics
from monitoring.facts import Facts
from monitoring.judging import STATES, Judgement, TenantProblem
from monitoring.queues import QueueReading
from schedules.catalog import Schedule
from schedules.registry import catalog
from tenants.models import Tenant

_SOME_DAY = datetime(2024, 1, 1, tzinfo=UTC)
_OCCURRENCES = 12
# The longest average time between occurrences that is still called so.
_CADENCES = (
    ("minutely", timedelta(minutes=59)),
    ("hourly", timedelta(hours=23)),
    ("daily", timedelta(days=5)),
    ("weekly", timedelta(days=10)),
    ("biweekly", timedelta(days=20)),
    ("monthly", timedelta(days=45)),
    ("quarterly", timedelta(days=120)),
)


@cache
def cadence(schedule: Schedule) -> str:
    """Return how often a schedule occurs, in a word."""
    first = schedule.next_occurrence(_SOME_DAY)
    last = first
    for _ in range(_OCCURRENCES):
        last = schedule.next_occurrence(last)
    average = (last - first) / _OCCURRENCES
    return next((word for word, longest in _CADENCES if average <= longest), "yearly")


def of_queues(readings: Sequence[QueueReading]) -> Iterator[Metric]:
    """Yield the queues; while the broker is away, what the ledger alone knows of them."""
    seen = [one for one in readings if one.messages is not None and one.unacked is not None]
    yield metrics.BROKER_UP.alone(len(seen) == len(readings))
    yield metrics.QUEUE_MESSAGES.of(((one.queue,), one.messages or 0) for one in seen)
    yield metrics.QUEUE_UNACKED.of(((one.queue,), one.unacked or 0) for one in seen)
    yield metrics.QUEUE_OLDEST.of(((one.queue,), one.oldest_s) for one in readings)


def of_platform(facts: Facts, now: datetime) -> Iterator[Metric]:
    """Yield what every schedule stands on."""
    oldest = facts.outbox.oldest_due_at
    yield metrics.SCAN_TIMESTAMP.alone(facts.scanned_at.timestamp())
    yield metrics.TENANTS.of(((status,), facts.tenant_states.get(status, 0)) for status in Tenant.Status.values)
    yield metrics.CANARY_TIMESTAMP.of(((sign.queue,), sign.done_at.timestamp()) for sign in facts.life_signs)
    yield metrics.CANARY_ROUND_TRIP.of(((sign.queue,), sign.round_trip_s) for sign in facts.life_signs)
    yield metrics.OUTBOX_MESSAGES.alone(facts.outbox.messages)
    yield metrics.OUTBOX_OLDEST.alone((now - oldest).total_seconds() if oldest else 0)


def of_schedules(judged: Judgement) -> Iterator[Metric]:
    """Yield the schedules; their series are the same however many tenants there are."""
    schedules = judged.schedules()
    yield metrics.SCHEDULE_INFO.of((_info(schedule), 1) for schedule in catalog())
    yield metrics.SCHEDULE_TENANTS.of(
        ((one.name, state), one.states.get(state, 0)) for one in schedules for state in STATES
    )
    yield metrics.SCHEDULE_PROBLEMS.of(
        ((one.name, problem), count) for one in schedules for problem, count in one.problems.items()
    )
    yield metrics.SCHEDULE_OLDEST_PROBLEM.of(((one.name,), one.oldest_s) for one in schedules)
    yield metrics.SCHEDULE_UNOPENED.of(((one.name,), one.unopened) for one in schedules)
    yield metrics.SCHEDULE_QUARANTINED.of(((one.name,), one.quarantined) for one in schedules)


def _info(schedule: Schedule) -> Sequence[str]:
    return schedule.name, schedule.queue, schedule.criticality, cadence(schedule)


def of_tenants(facts: Facts, judged: Judgement) -> Iterator[Metric]:
    """Yield the tenants, and by schedule only what is wrong, up to the cap."""
    told = judged.told(settings.MATINS_PROBLEM_SERIES_MAX)
    names = facts.tenants
    yield metrics.TENANT_PROBLEMS.of(((names[tenant],), count) for tenant, count in judged.tenants().items())
    yield metrics.TENANT_SCHEDULE_LATE.of((_late(names[one.tenant], one, judged), one.late_s) for one in told)
    yield metrics.TENANT_SCHEDULE_DEPENDENTS.of(
        ((names[one.tenant], one.window.schedule), behind)
        for one, behind in zip(told, judged.behind(told), strict=True)
    )
    yield from _of_successes(facts)
    yield metrics.SERIES_OMITTED.alone(judged.untold(len(told)) + _refused(facts))


def _late(tenant: str, one: TenantProblem, judged: Judgement) -> Sequence[str]:
    window = one.window
    return tenant, window.schedule, window.queue, judged.criticality(window.schedule), one.problem


def _of_successes(facts: Facts) -> Iterator[Metric]:
    if settings.MATINS_TENANT_SERIES == "full":
        yield metrics.TENANT_SCHEDULE_SUCCESS.of((pair, at.timestamp()) for pair, at in facts.successes.items())


def _refused(facts: Facts) -> int:
    """Return how many series of last successes are left out because there are too many tenants for them."""
    is_refused = (
        settings.MATINS_TENANT_SERIES == "full" and len(facts.tenants) > settings.MATINS_FULL_SERIES_TENANTS_MAX
    )
    return len(facts.tenants) * len(catalog().schedules) if is_refused else 0
