"""What a schedule is, and what a catalog of them refuses: all that can be wrong with a declaration."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import takewhile

from cronsim import CronSim, CronSimError

# minute, hour, day of month, month, day of week
CRON_FIELDS = 5


class CatchUp(StrEnum):
    """What happens to the occurrences nobody was there to open."""

    ALL = "all"  #: Every one is opened, oldest first.
    LATEST = "latest"  #: The newest one is opened; the others are skipped as superseded.


class Criticality(StrEnum):
    """How loudly a missed window is told."""

    PAGE = "page"
    TICKET = "ticket"


class CatalogError(ValueError):
    """The catalog contradicts itself; the message names the schedule and what to change."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A named recurring job.

    Args:
        name: unique, for ever: the ledger, the metrics and the screens know the schedule by it.
        cron: five fields, UTC.
        task: name of the tenant task each run executes.
        queue: one of `config.queues`.
        purpose: one line for people.
        after: schedules whose run for the same tenant and business date comes first.
        books: whether it writes money or loan state, and so stands in the tenant's books line.
        criticality: how a missed window is told.
        grace: from due to late.
        deadline: from due to overdue or missed.
        catch_up: what becomes of missed occurrences.
        catch_up_age: how far back missed occurrences are still opened.
        stagger: runs start spread over this long, each tenant always at the same place.
        renamed_from: the name it had in the deployment before.
    """

    name: str
    cron: str
    task: str
    queue: str
    purpose: str
    after: tuple[str, ...] = ()
    books: bool = False
    criticality: Criticality = Criticality.PAGE
    grace: timedelta = timedelta(minutes=10)
    deadline: timedelta = timedelta(minutes=60)
    catch_up: CatchUp = CatchUp.ALL
    catch_up_age: timedelta = timedelta(days=35)
    stagger: timedelta = timedelta(0)
    renamed_from: str | None = None

    def __post_init__(self) -> None:
        try:
            CronSim(self.cron, datetime(2000, 1, 1, tzinfo=UTC))
        except CronSimError as error:
            raise CatalogError(f"Schedule {self.name}: cron {self.cron!r} is not valid: {error}.") from error
        if len(self.cron.split()) != CRON_FIELDS:
            raise CatalogError(f"Schedule {self.name}: cron {self.cron!r} must have five fields.")
        if not timedelta(0) <= self.stagger <= self.deadline:
            raise CatalogError(f"Schedule {self.name}: the stagger must lie between 0 and the deadline.")

    @property
    def is_dated(self) -> bool:
        """Whether it occurs at most once on a business date, which then has one window of it at most."""
        minute, hour = self.cron.split()[:2]
        return minute.isdigit() and hour.isdigit()

    def occurrences(self, after: datetime, through: datetime) -> Iterator[datetime]:
        """Yield its due instants in (after, through], oldest first."""
        day = after.astimezone(UTC).date()
        while day <= through.astimezone(UTC).date():
            yield from (due for due in _due_times(self.cron, day) if after < due <= through)
            day += timedelta(days=1)

    def last_occurrence(self, through: datetime) -> datetime:
        """Return its newest due instant at or before `through`."""
        # Backwards, CronSim yields instants strictly before its start.
        start = through.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
        return next(CronSim(self.cron, start, reverse=True))

    def next_occurrence(self, after: datetime) -> datetime:
        """Return its first due instant later than `after`."""
        return next(CronSim(self.cron, after.astimezone(UTC)))

    def due_on(self, business_date: date) -> datetime | None:
        """Return its first due instant on a business date, or None when it has none."""
        return next(iter(_due_times(self.cron, business_date)), None)


# Every tick compares weeks of occurrences with the ledger; a year of 26 schedules fits.
@lru_cache(maxsize=16_384)
def _due_times(cron: str, day: date) -> tuple[datetime, ...]:
    """Return the due instants of one UTC date, oldest first."""
    midnight = datetime.combine(day, time(), UTC)
    due = CronSim(cron, midnight - timedelta(seconds=1))
    return tuple(takewhile(lambda moment: moment.date() == day, due))


@dataclass(frozen=True)
class Catalog:
    """The schedules of one deployment, checked against each other when made.

    Raises:
        CatalogError: on a name used twice, an unknown or later `after`, or a cycle.
    """

    schedules: tuple[Schedule, ...]

    def __post_init__(self) -> None:
        names = [schedule.name for schedule in self.schedules]
        for name in names:
            if names.count(name) > 1:
                raise CatalogError(f"Schedule {name} is declared twice; names are unique.")
        for schedule in self.schedules:
            for upstream in schedule.after:
                if upstream not in names:
                    raise CatalogError(f"Schedule {schedule.name} comes after {upstream}, which is not declared.")
        self._refuse_cycles()

    def __iter__(self) -> Iterator[Schedule]:
        return iter(self.schedules)

    def __contains__(self, name: object) -> bool:
        return any(schedule.name == name for schedule in self.schedules)

    def get(self, name: str) -> Schedule | None:
        """Return the schedule of that name, or None."""
        return next((schedule for schedule in self.schedules if schedule.name == name), None)

    def for_task(self, task: str) -> Schedule | None:
        """Return the first schedule that runs `task`, or None."""
        return next((schedule for schedule in self.schedules if schedule.task == task), None)

    def _refuse_cycles(self) -> None:
        done: set[str] = set()

        def visit(name: str, path: tuple[str, ...]) -> None:
            if name in path:
                raise CatalogError(f"Schedules wait for each other: {' → '.join((*path, name))}.")
            if name not in done:
                for upstream in self[name].after:
                    visit(upstream, (*path, name))
                done.add(name)

        for schedule in self.schedules:
            visit(schedule.name, ())

    def __getitem__(self, name: str) -> Schedule:
        schedule = self.get(name)
        if schedule is None:
            raise CatalogError(f"There is no schedule {name!r} in the catalog.")
        return schedule
