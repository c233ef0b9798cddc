"""One job every minute, as the peers have it."""

from schedules.catalog import Catalog, Schedule

CATALOG = Catalog(
    (Schedule(name="minutely", cron="* * * * *", task="bench.peers.tasks.note", queue="control", purpose="measuring"),)
)
