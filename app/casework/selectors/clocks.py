"""What the nights look at to judge the clocks of cases: when each ran, what is to pass on it, and when people work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from casework.business_hours import Hours, OpeningTimes, Stretch
from casework.models import Calendar, CaseEvent

Kind = CaseEvent.Kind

STARTS = frozenset({Kind.OPENED, Kind.WOKEN, Kind.RESUMED})
STOPS = frozenset({Kind.SNOOZED, Kind.PAUSED, Kind.CLOSED})
LEVELS = (Kind.WARNED, Kind.BREACHED, Kind.ESCALATED)

#: A case is judged for so long after it was closed: as long as missed nights are caught up.
LOOK_BACK = timedelta(days=35)

_CLOCKS = f"""
    SELECT subject.id AS case_id, subject.number, sla.id AS sla_id, sla.calendar_id, sla.target, sla.warn_percent,
           sla.escalate_percent, array_agg(event.kind ORDER BY event.at, event.id) AS kinds,
           array_agg(event.at ORDER BY event.at, event.id) AS times,
           ARRAY(
               SELECT told.kind FROM casework_caseevent told WHERE told.case_id = subject.id AND told.sla_id = sla.id
           ) AS told
    FROM casework_case subject
    JOIN casework_sla sla ON sla.kind = subject.kind AND sla.starts_on <= (subject.opened_at AT TIME ZONE 'UTC')::date
        AND (sla.ends_on IS NULL OR sla.ends_on >= (subject.opened_at AT TIME ZONE 'UTC')::date)
    JOIN casework_caseevent event ON event.case_id = subject.id AND event.at < %(at)s
        AND event.kind = ANY(%(kinds)s)
    WHERE subject.opened_at < %(at)s AND (subject.closed_at IS NULL OR subject.closed_at >= %(since)s)
        AND (%(numbers)s::text[] IS NULL OR subject.number = ANY(%(numbers)s))
        AND (
            SELECT count(*) FROM casework_caseevent told WHERE told.case_id = subject.id AND told.sla_id = sla.id
        ) < {len(LEVELS)}
    GROUP BY subject.id, sla.id ORDER BY subject.id, sla.id"""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A case under an SLA whose levels have not all passed.

    Args:
        case_id: the case.
        number: its number.
        sla_id: the SLA.
        calendar_id: whose opening time passes.
        levels: what is still to pass, each with its opening time.
        running: the stretches in which the clock ran, in their order; the last one ends when it was looked at.
    """

    case_id: int
    number: str
    sla_id: int
    calendar_id: int
    levels: dict[str, timedelta]
    running: Sequence[Stretch]


def clocks(at: datetime, *, numbers: Sequence[str] | None = None) -> list[Clock]:
    """Return the clocks of cases as they stood at a moment.

    Args:
        at: the moment; what happened to a case at it or later is not seen.
        numbers: of the cases; all when None.
    """
    parameters = {
        "at": at,
        "since": at - LOOK_BACK,
        "numbers": None if numbers is None else list(numbers),
        "kinds": [*STARTS, *STOPS],
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLOCKS, parameters)
        columns = [column.name for column in cursor.description]
        return [_clock(at, dict(zip(columns, row, strict=True))) for row in cursor.fetchall()]


def _clock(at: datetime, row: Mapping[str, Any]) -> Clock:
    percents = dict(zip(LEVELS, (row["warn_percent"], 100, row["escalate_percent"]), strict=True))
    return Clock(
        case_id=row["case_id"],
        number=row["number"],
        sla_id=row["sla_id"],
        calendar_id=row["calendar_id"],
        levels={
            level: row["target"] * percent / 100 for level, percent in percents.items() if level not in row["told"]
        },
        running=running(row["kinds"], row["times"], at),
    )


def running(kinds: Sequence[str], times: Sequence[datetime], at: datetime) -> list[Stretch]:
    """Return the stretches in which a clock ran that these events start and stop, up to a moment."""
    stretches, since = list[Stretch](), None
    for kind, time in zip(kinds, times, strict=True):
        if kind in STARTS:
            since = since or time
        elif since:
            stretches.append((since, time))
            since = None
    return [*stretches, (since, at)] if since else stretches


def opening_times(first: date, last: date) -> dict[int, OpeningTimes | str]:
    """Return each calendar's opening times between two dates by its id, or why it has none.

    A day more on either side: dates are those of the calendar's zone.
    """
    calendars = Calendar.objects.prefetch_related("hours", "holidays")
    return {calendar.pk: _opening_times(calendar, first, last) for calendar in calendars}


def _opening_times(calendar: Calendar, first: date, last: date) -> OpeningTimes | str:
    hours = [Hours(weekday=one.weekday, opens=one.opens, closes=one.closes) for one in calendar.hours.all()]
    if not hours:
        return f"calendar {calendar} never opens: give it hours"
    try:
        return OpeningTimes(
            zone=calendar.zone,
            hours=hours,
            holidays=[holiday.day for holiday in calendar.holidays.all()],
            first=first - timedelta(days=1),
            last=last + timedelta(days=1),
        )
    except (KeyError, ValueError):
        return f"calendar {calendar} is in no time zone ({calendar.zone}): correct it"
