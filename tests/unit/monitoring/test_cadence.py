"""How often a schedule occurs, in a word, for every kind of cron the catalog has."""

import pytest

from monitoring.families import cadence
from schedules.catalog import CATALOG, Schedule


@pytest.mark.parametrize(
    ("cron", "word"),
    [
        ("*/5 * * * *", "minutely"),
        ("0 * * * *", "hourly"),
        ("0 1 * * 1-5", "daily"),
        ("0 1 * * 0", "weekly"),
        ("0 8 1,15 * *", "biweekly"),
        ("0 8 1 * *", "monthly"),
        ("0 8 1 1,4,7,10 *", "quarterly"),
        ("0 8 1 1 *", "yearly"),
    ],
)
def test_a_cron_in_a_word(cron, word):
    assert cadence(Schedule(name="one", cron=cron, task="t", queue="money", purpose="one")) == word


def test_the_names_of_the_26_say_their_cadence():
    assert [one.name for one in CATALOG if not one.name.startswith(cadence(one))] == []
