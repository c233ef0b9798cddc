"""A catalog of one empty job."""

from schedules.catalog import Catalog, Schedule

CATALOG = Catalog(
    (Schedule(name="daily-empty", cron="0 2 * * *", task="bench.tasks.empty", queue="money", purpose="measuring"),)
)
