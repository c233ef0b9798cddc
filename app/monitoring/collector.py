"""The collector: one process, one registry, every series made from the newest scan at the moment it is asked for.

Series come and go with what they tell, so a tenant that left or a problem that was mended leaves nothing behind.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.conf import settings
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from common import clock
from monitoring import families, metrics
from monitoring.backlog import Backlog
from monitoring.facts import Facts
from monitoring.judging import Judgement
from monitoring.queues import QueueReading
from monitoring.watch import Watch
from schedules.registry import catalog

COMPONENT = "monitor"


class MonitorCollector(Collector):
    """Makes the exporter's metrics.

    Args:
        night: looks at the ledger.
        queues: looks at the broker.
        backlog: tells others what waits there.
    """

    def __init__(self, night: Watch[Facts], queues: Watch[Sequence[QueueReading]], backlog: Backlog) -> None:
        self._night, self._queues, self._backlog = night, queues, backlog
        self._ticked_at: datetime | None = None

    def collect(self) -> Iterator[Metric]:
        """Yield every metric; those of what was never seen are left out."""
        yield metrics.BUILD_INFO.of([((settings.MATINS_VERSION, COMPONENT), 1)])
        yield metrics.SCAN_ERRORS.alone(self._night.errors)
        yield metrics.BACKLOG_ERRORS.alone(self._backlog.errors)
        yield metrics.DATABASE_UP.alone(self._night.is_answered)
        if self._queues.last:
            yield from families.of_queues(self._queues.last.found)
        if self._night.last:
            yield metrics.SCAN_DURATION.alone(self._night.last.took_s)
            yield from self._of_night(self._night.last.found)

    def _of_night(self, facts: Facts) -> Iterator[Metric]:
        now = clock.now()
        judged = Judgement(facts, catalog(), now)
        yield from families.of_platform(facts, now)
        yield from self._of_beats(facts)
        yield from families.of_schedules(judged)
        yield from families.of_tenants(facts, judged)

    def _of_beats(self, facts: Facts) -> Iterator[Metric]:
        """Yield the beats; a tick once seen stays told when its beat has left the list of the living."""
        self._ticked_at = max(filter(None, (self._ticked_at, facts.ticked_at)), default=None)
        yield metrics.BEATS.alone(facts.beats)
        if self._ticked_at:
            yield metrics.BEAT_TICK.alone(self._ticked_at.timestamp())
