"""The system checks of monitoring: each finds what it is for, and the real metrics and names pass."""

import pytest
from django.test import override_settings

from monitoring import checks, metrics
from monitoring.metrics import Declared
from schedules.catalog import Catalog, Schedule


def found(metric, monkeypatch):
    monkeypatch.setattr(metrics, "STRANGER", metric, raising=False)
    return [(message.id, message.msg) for message in checks.check_metrics()]


def test_the_metrics_that_are_served_pass():
    assert checks.check_metrics() == []
    assert checks.check_label_values() == []


@pytest.mark.parametrize("label", ["run", "business_date", "error", "instance"])
def test_a_label_outside_the_closed_set_is_refused(monkeypatch, label):
    metric = Declared("windows", "Windows.", ("schedule", label))
    assert found(metric, monkeypatch) == [("monitoring.E002", f"Metric matins_windows has label '{label}'.")]


@pytest.mark.parametrize(
    "metric", [Declared("Late", "No."), Declared("runs_total", "No."), Declared("runs", "No.", counts=True)]
)
def test_a_name_against_prometheus_custom_is_refused(monkeypatch, metric):
    assert found(metric, monkeypatch) == [("monitoring.E001", f"Metric matins_{metric.name} is not named well.")]


@pytest.mark.parametrize("name", ["Daily accrual", "daily_accrual", "2024-07-01", "x" * 65])
def test_a_schedule_whose_name_is_no_label_value_is_refused(monkeypatch, name):
    schedule = Schedule(name=name, cron="0 1 * * *", task="jobs.tasks.one", queue="money", purpose="one")
    monkeypatch.setattr(checks, "catalog", lambda: Catalog((schedule,)))
    (message,) = checks.check_label_values()
    assert (message.id, message.msg) == ("monitoring.E003", f"{name!r} cannot name a schedule or queue.")


def test_a_queue_whose_name_is_no_label_value_is_refused():
    with override_settings(MATINS_QUEUES=("money", "Money 2")):
        (message,) = checks.check_label_values()
    assert message.msg == "'Money 2' cannot name a schedule or queue."
