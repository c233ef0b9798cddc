"""How much opening time passes between two instants, and when so much has: a clock that stands still at night.

Stretches of a calendar are looked up by bisection, so that a thousand cases cost no more than reading them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from loans.grid import days

ONE_DAY = timedelta(days=1)

#: An instant and one after it.
Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class Hours:
    """A stretch of a weekday (0 is Monday), in the calendar's own time."""

    weekday: int
    opens: time
    closes: time


class OpeningTimes:
    """When a calendar is open between two dates, and how opening time passes.

    Args:
        zone: the IANA name of the time zone of hours and holidays.
        hours: the week; stretches of a day do not overlap.
        holidays: dates that are closed all day.
        first: the first date to look at.
        last: the last date to look at.

    Raises:
        ZoneInfoNotFoundError, ValueError: there is no such zone.
    """

    def __init__(self, *, zone: str, hours: Iterable[Hours], holidays: Iterable[date], first: date, last: date) -> None:
        stretches = list(_stretches(ZoneInfo(zone), sorted(hours, key=_in_the_week), frozenset(holidays), first, last))
        self._opens = [opens for opens, _closes in stretches]
        self._lengths = [closes - opens for opens, closes in stretches]
        self._before = list(accumulate(self._lengths, initial=timedelta(0)))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the opening time from `start` to `end`."""
        return self._through(end) - self._through(start)

    def passed_at(self, running: Sequence[Stretch], target: timedelta) -> datetime | None:
        """Return when more than `target` of opening time had passed; None if it had not.

        Args:
            running: the stretches in which the clock ran, in their order.
            target: the opening time. If it runs out as the day closes, it has passed when the next one opens.
        """
        left = target
        for start, end in running:
            passing = self.between(start, end)
            if passing > left:
                return self._at(self._through(start) + left)
            left -= passing
        return None

    def _through(self, moment: datetime) -> timedelta:
        """Return the opening time from the first date to a moment."""
        index = bisect_right(self._opens, moment) - 1
        if index < 0:
            return timedelta(0)
        return self._before[index] + min(moment - self._opens[index], self._lengths[index])

    def _at(self, passed: timedelta) -> datetime:
        """Return the last moment through which so much opening time passes, of which there is more."""
        index = bisect_right(self._before, passed) - 1
        return self._opens[index] + (passed - self._before[index])


def _in_the_week(hours: Hours) -> tuple[int, time]:
    return hours.weekday, hours.opens


def _stretches(
    zone: ZoneInfo, hours: Sequence[Hours], holidays: frozenset[date], first: date, last: date
) -> Iterator[Stretch]:
    for day in days(first, last):
        if day in holidays:
            continue
        for one in (one for one in hours if one.weekday == day.weekday()):
            opens, closes = (datetime.combine(day, at, zone).astimezone(UTC) for at in (one.opens, one.closes))
            if opens < closes:  # Not when clocks go forward across it.
                yield opens, closes
