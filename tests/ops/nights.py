"""The nights that are watched: catalogs made of the tests' jobs, in other processes known by their path."""

from dataclasses import replace
from datetime import timedelta

from schedules.catalog import Catalog
from tests.nightjobs.catalog import FIRST, LEFT, PARENT, RIGHT, SECOND, THIRD, schedule

#: Nothing else is due when `daily-first` is missed, and its dependent is there by then.
FIRST_SOON = replace(FIRST, deadline=timedelta(minutes=30))
SECOND_SOON = replace(SECOND, cron="10 1 * * *", deadline=timedelta(minutes=15))
SHORT = Catalog((FIRST_SOON, SECOND_SOON))

#: A night with a month's end in it.
MONTHLY = schedule(
    "monthly-left", "0 4 1 * *", task="tests.nightjobs.tasks.left", queue="documents", after=("daily-second",)
)
LONG = Catalog((FIRST, SECOND, THIRD, PARENT, MONTHLY))

ALONE = Catalog((FIRST,))
WIDE = Catalog((FIRST, LEFT, RIGHT))
