"""The catalog of the tests' night: two books jobs in line, one that waits for them, a fan-out, an hourly one."""

from dataclasses import replace
from datetime import timedelta

from schedules.catalog import CATALOG as NIGHT
from schedules.catalog import Catalog, CatchUp, Schedule


def schedule(name, cron, **options):
    job = name.split("-", 1)[1]
    defaults = {"task": f"tests.nightjobs.tasks.{job}", "queue": "money", "purpose": f"tests: {name}"}
    return Schedule(name=name, cron=cron, **{**defaults, **options})


FIRST = schedule("daily-first", "0 1 * * *", books=True)
SECOND = schedule("daily-second", "0 2 * * *", books=True, after=("daily-first",))
THIRD = schedule("daily-third", "30 2 * * *", queue="casework", after=("daily-second",))
PARENT = schedule("daily-parent", "0 3 * * *", queue="documents")
HOURLY = schedule(
    "hourly-hourly", "0 * * * *", queue="casework", catch_up=CatchUp.LATEST, catch_up_age=timedelta(days=2)
)

THIRD_ALONE = replace(THIRD, after=("daily-first",))
SECOND_RENAMED = replace(SECOND, name="daily-other", renamed_from="daily-second")
THIRD_RENAMED = replace(THIRD, after=("daily-other",))
SECOND_ALONE = replace(SECOND, after=())
FIRST_MOVED = replace(FIRST, cron="30 0 * * *")
LEFT = schedule("daily-left", "0 1 * * *")
RIGHT = schedule("daily-right", "0 1 * * *", queue="casework")
BOTH = schedule("daily-both", "5 1 * * *", after=("daily-left", "daily-right"))

CATALOG = Catalog((FIRST, SECOND, THIRD, PARENT, HOURLY))
#: Without the hourly schedule, where a test counts windows by the night.
NIGHTLY = Catalog((FIRST, SECOND, THIRD, PARENT))
#: One that waits for two.
RACE = Catalog((LEFT, RIGHT, BOTH))
#: What four later deployments make of the night.
ADDED = Catalog((FIRST, SECOND, THIRD, PARENT, LEFT))
REMOVED = Catalog((FIRST, THIRD_ALONE, PARENT))
RENAMED = Catalog((FIRST, SECOND_RENAMED, THIRD_RENAMED, PARENT))
MOVED = Catalog((FIRST_MOVED, SECOND, THIRD, PARENT))

#: A job in chunks, and one that waits for it.
CHUNKED = Catalog((schedule("daily-chunky", "0 1 * * *", books=True), SECOND_ALONE))

#: The real poll of compliance monitors, by itself.
COMPLIANCE = Catalog((NIGHT["daily-compliance-monitor-poll"],))

#: Where `deployed` puts the catalog of a test in one process.
DEPLOYED = NIGHTLY
