"""The month that a file is about, and the days that this means: worked out once, for every record asks for them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from loans.grid import add_months, months_between


@dataclass(frozen=True)
class Month:
    """A calendar month by its first day."""

    start: date

    @classmethod
    def before(cls, business_date: date) -> "Month":
        """Return the month that is over on a business date: that before the date's own."""
        return cls(add_months(business_date.replace(day=1), -1))

    @cached_property
    def night(self) -> date:
        """The 1st of the next month, on which it is reported: rows dated before it count (settled rule 16)."""
        return add_months(self.start, 1)

    @cached_property
    def end(self) -> date:
        """Its last day: activity date, and the date of account information of all but accounts that were paid."""
        return self.night - timedelta(days=1)

    @cached_property
    def closing(self) -> datetime:
        """Its last second, in UTC: the time stamp of its records."""
        return datetime.combine(self.end, time(23, 59, 59), UTC)

    @cached_property
    def earlier(self) -> "Month":
        """The month before it."""
        return Month(add_months(self.start, -1))

    def since(self, activity_month: date) -> int:
        """Return how many whole months lie between an earlier one (by its first day) and this one."""
        return months_between(activity_month, self.start) - 1

    def __str__(self) -> str:
        return f"{self.start:%Y-%m}"
