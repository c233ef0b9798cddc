"""The catalogs that are measured: one empty job, the jobs of money, and all that is due daily."""

from schedules import catalog
from schedules.catalog import Catalog, Schedule

CATALOG = Catalog(
    (Schedule(name="daily-empty", cron="0 2 * * *", task="bench.tasks.empty", queue="money", purpose="measuring"),)
)
MONEY = Catalog(tuple(schedule for schedule in catalog.CATALOG if schedule.queue == "money"))
DAILY = Catalog(tuple(schedule for schedule in catalog.CATALOG if schedule.name.startswith("daily-")))
