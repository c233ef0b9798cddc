"""The catalog of the tests' night: two books jobs in line, one that waits for them, a fan-out, an hourly one."""

from datetime import timedelta

from schedules.catalog import Catalog, CatchUp, Schedule


def _schedule(name, cron, **options):
    job = name.split("-", 1)[1]
    defaults = {"task": f"tests.nightjobs.tasks.{job}", "queue": "money", "purpose": f"tests: {name}"}
    return Schedule(name=name, cron=cron, **{**defaults, **options})


FIRST = _schedule("daily-first", "0 1 * * *", books=True)
SECOND = _schedule("daily-second", "0 2 * * *", books=True, after=("daily-first",))
THIRD = _schedule("daily-third", "30 2 * * *", queue="casework", after=("daily-second",))
PARENT = _schedule("daily-parent", "0 3 * * *", queue="documents")
HOURLY = _schedule(
    "hourly-hourly", "0 * * * *", queue="casework", catch_up=CatchUp.LATEST, catch_up_age=timedelta(days=2)
)

CATALOG = Catalog((FIRST, SECOND, THIRD, PARENT, HOURLY))
#: Without the hourly schedule, where a test counts windows by the night.
NIGHTLY = Catalog((FIRST, SECOND, THIRD, PARENT))
