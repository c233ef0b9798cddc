"""What a storm is: how many tenants, for how long, from which seed; and what people do in it, by business time.

Tenants play one of a few scripts: each script's tenants begin with the same books and see the same payments and the
same long suspension, so that one twin, which nothing else disturbs, says what all of them must end with.
"""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from tests.conformance.world import EVE

SCRIPTS = 4
DAY = timedelta(days=1)
NOON, EVERYWHERE_DAY = time(12), time(18, 30)
#: What online payments pay: loans that no series and no draft pays.
PAID_ONLINE = [f"LN-{number:02}" for number in (1, 3, 4, 6, 7, 8, 10, 12)] + ["LATE-1", "FEE-1", "SVC-1"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A storm.

    Args:
        seed: of the blows, of what people do, and of when.
        tenants: how many.
        nights: how many at most.
        minutes: after so many no further night begins that would end later; the twins' time is kept free.
        gap_s: the mean time between two blows.
        folder: what is written goes here: logs, blows, the report.
        sabotage: the name of one, or nothing.
    """

    seed: int
    folder: Path
    tenants: int = 50
    nights: int = 31
    minutes: float = 10.0
    gap_s: float = 2.5
    sabotage: str = ""
    scripts: int = SCRIPTS

    @cached_property
    def names(self):
        """The tenants' schema names."""
        return [f"tenant_{number:02}" for number in range(1, self.tenants + 1)]

    def script_of(self, name):
        """Return the number of the script that a tenant plays."""
        return self.names.index(name) % min(self.scripts, self.tenants)

    def played(self):
        """Return the tenants by script."""
        return {number: [one for one in self.names if self.script_of(one) == number] for number in self._numbers()}

    def _numbers(self):
        return range(min(self.scripts, self.tenants))

    def dates(self):
        """Return the business dates of all nights, the first being a first of January."""
        return [EVE.date() + timedelta(days=night) for night in range(1, self.nights + 1)]

    def payments(self, script, day):
        """Return what is paid online in a script at the noon of a day: loan, amount and the payment's reference."""
        rng = random.Random(f"{self.seed} pays {script} {day}")
        loans = rng.sample(PAID_ONLINE, k=rng.randint(1, 3))
        return [(loan, Decimal(rng.randint(100, 9000)).scaleb(-2), f"web {day} {loan}") for loan in loans]

    def is_away(self, script, day):
        """Return whether a script's tenants are suspended in the night of a date.

        The first script's never are. The others' leave on the evening before it, for a night or two of every week, and
        come back with a catch-up on the noon after.
        """
        place = (day - EVE.date()).days % 7
        return script > 0 and place in range(script + 1, script + 2 + script % 2)

    def is_still_away(self, script, day):
        """Return whether a script's tenants are suspended in the night of a date and in the next."""
        return self.is_away(script, day) and self.is_away(script, day + DAY)

    def leaves_in_the_night(self, name, day):
        """Return at which minute of the night a tenant is suspended until noon, if it is."""
        rng = random.Random(f"{self.seed} leaves {name} {day}")
        return rng.choice([time(1, 45), time(2, 30), time(3, 45), time(5)]) if rng.random() < 1 / 4 else None


def at(day: date, moment: time) -> datetime:
    """Return a business time."""
    return datetime.combine(day, moment, UTC)


def due_times(day):
    """Return when something of a night is due; what is due every hour is stepped over by day."""
    from schedules.registry import catalog

    return sorted({due for schedule in catalog() if schedule.is_dated and (due := schedule.due_on(day))})
