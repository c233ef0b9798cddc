"""`catch_up` and `run_window`: what should have been opened is opened now, and waited for."""

import pytest

from schedules.catalog import Catalog
from schedules.models import Run, Window
from tests.integration.schedules.commands import refused, run
from tests.night import work_through
from tests.nightjobs.catalog import schedule
from tests.stage import FAST, at


def test_catch_up_opens_what_was_missed(nightly):
    at(4, day=2)
    said = run("catch_up", "--no-wait")
    assert said.splitlines() == [
        "  daily-first due 2024-07-01 01:00",
        "  daily-second due 2024-07-01 02:00",
        "  daily-third due 2024-07-01 02:30",
        "  daily-parent due 2024-07-01 03:00",
        "  daily-first due 2024-07-02 01:00",
        "  daily-second due 2024-07-02 02:00",
        "  daily-third due 2024-07-02 02:30",
        "  daily-parent due 2024-07-02 03:00",
        "8 windows were missing.",
    ]
    assert (Window.objects.count(), Run.objects.count()) == (8, 16)
    assert Run.objects.filter(published_at__isnull=False).count() == 4
    assert run("catch_up", "--no-wait") == "0 windows were missing.\n"


def test_catch_up_waits_for_the_runs_behind_a_bar(nightly, start):
    at(4)
    start("worker", env=FAST)
    assert "14/14" in run("catch_up")
    assert set(Run.objects.values_list("state", flat=True)) == {"succeeded"}


def test_run_window_opens_it_with_everything_due_before(nightly):
    at(4)
    assert run("run_window", "daily-second", "2024-07-01", "--no-wait").splitlines() == [
        "  daily-second due 2024-07-01 02:00 is open",
        "daily-second of 2024-07-01.",
    ]
    assert Window.objects.count() == 4
    assert [one.window.schedule for one in work_through()][:4] == ["daily-first"] * 2 + ["daily-second"] * 2


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (
            ["daily-fisrt", "2024-07-01"],
            "There is no schedule 'daily-fisrt'. `windows` lists them; `migrate` registers new ones.",
        ),
        (["daily-first", "2024-07-02"], "daily-first of 2024-07-02 is due at 2024-07-02 01:00 UTC, not yet."),
        (
            ["daily-first", "2024-06-30"],
            (
                "daily-first of 2024-06-30 is not open (it was due before the schedule was registered): "
                "`backfill` opens it."
            ),
        ),
    ],
)
def test_run_window_refuses_what_has_no_window(nightly, words, refusal):
    at(4)
    assert refused("run_window", *words) == refusal


def test_run_window_refuses_a_date_without_an_occurrence(deployed, make_tenant):
    deployed(Catalog((schedule("monthly-first", "0 8 1 * *"),)))
    at(12, day=15)
    assert refused("run_window", "monthly-first", "2024-07-14") == "monthly-first (0 8 1 * *) is not due on 2024-07-14."
