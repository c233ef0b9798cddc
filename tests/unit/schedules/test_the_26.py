"""The 26 schedules of the specification, from a table apart from the code: name, time, order, what is caught up."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from celery.schedules import crontab
from django.utils.module_loading import import_string

from config import queues
from config.celery import app
from schedules.catalog import CATALOG

TABLE = Path(__file__).resolve().parents[2] / "data" / "schedules.csv"
SPECIFIED = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))

each = pytest.mark.parametrize("row", SPECIFIED, ids=lambda row: row["name"])


def test_the_catalog_has_these_26_and_no_other():
    assert len(SPECIFIED) == 26
    assert sorted(schedule.name for schedule in CATALOG) == sorted(row["name"] for row in SPECIFIED)


@each
def test_each_is_due_when_it_is_specified_and_for_that_purpose(row):
    schedule = CATALOG[row["name"]]
    assert (schedule.cron, schedule.purpose) == (row["cron"], row["purpose"])


@each
def test_each_comes_after_those_it_is_specified_to_come_after(row):
    assert sorted(CATALOG[row["name"]].after) == sorted(row["after"].split())


@each
def test_each_is_in_the_books_line_and_caught_up_as_specified(row):
    schedule = CATALOG[row["name"]]
    assert (schedule.books, schedule.catch_up.value) == (row["books"] == "yes", row["catch_up"])
    assert schedule.catch_up_age == timedelta(days=int(row["catch_up_age_days"]))


@each
def test_celery_shows_the_same_time_and_task(row):
    minute, hour, day_of_month, month_of_year, day_of_week = row["cron"].split()
    entry = app.conf.beat_schedule[row["name"]]
    assert entry["schedule"] == crontab(minute, hour, day_of_week, day_of_month, month_of_year)
    assert (entry["task"], entry["args"]) == (
        "common.tasks.dispatch_to_all_tenants",
        (CATALOG[row["name"]].task,),
    )


@each
def test_its_task_is_there_and_its_queue_is_one_of_ours(row):
    schedule = CATALOG[row["name"]]
    assert import_string(schedule.task).name == schedule.task
    assert schedule.queue in queues.NAMES
