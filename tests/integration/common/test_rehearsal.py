"""A rehearsal tells what a job would do, and leaves nothing of it."""

from datetime import date

import pytest
from django.core.management import CommandError

from common.exceptions import BooksBusyError
from common.rehearsal import rehearse
from schedules.models import OutboxMessage, QuarantinedItem, Run
from tests.integration.common.calling import assert_back_on_public, written
from tests.integration.common.test_books_transaction import books_in_hand, impatient
from tests.integration.schedules.commands import refused, run
from tests.nightjobs import tasks
from tests.stage import at

__all__ = ["impatient"]

DAY = date(2024, 7, 1)


def left(schema_name):
    return written(schema_name), Run.objects.count(), QuarantinedItem.objects.count(), OutboxMessage.objects.count()


def test_the_counts_are_those_of_the_real_thing(acme):
    at(0, 30)
    assert rehearse(tasks.first, "acme", business_date=DAY) == {"rows": 1}
    assert left("acme") == ([], 0, 0, 0)
    assert tasks.first("acme", business_date="2024-07-01") == {"rows": 1}
    assert written("acme") == ["by hand: first"]
    assert_back_on_public()


def test_what_would_be_left_out_is_told(acme):
    assert rehearse(tasks.picky, "acme", business_date=DAY) == {
        "rows": 1,
        "quarantined": [{"model": "nightjobs.Effect", "key": "bad", "reason": "told to be bad"}],
    }
    assert left("acme") == ([], 0, 0, 0)


def test_all_chunks_of_a_job_are_taken_back(acme):
    assert rehearse(tasks.chunky, "acme", business_date=DAY) == {"rows": 3}
    assert left("acme") == ([], 0, 0, 0)


def test_of_a_job_that_fans_out_the_children_are_done_and_joined(acme):
    assert rehearse(tasks.parent, "acme", business_date=DAY) == {"succeeded": 3, "skipped": 0}
    assert left("acme") == ([], 0, 0, 0)


def test_a_job_without_a_date_can_be_rehearsed_too(acme):
    assert rehearse(tasks.empty, "acme", business_date=DAY) == {}


def test_a_rehearsal_does_not_disturb_whoever_writes_the_books(acme, impatient):
    with books_in_hand(acme), pytest.raises(BooksBusyError):
        rehearse(tasks.first, "acme", business_date=DAY)


def test_the_command_rehearses_a_schedule_of_tonight(acme):
    at(0, 30)
    assert run("rehearse", "daily-first", "--tenant", "acme") == (
        'Rehearsed only, nothing is kept: daily-first of 2024-07-01 for acme\n{\n  "rows": 1\n}\n'
    )
    assert left("acme") == ([], 0, 0, 0)


def test_the_command_takes_a_date_that_has_not_come_yet(acme):
    at(0, 30)
    assert "of 2024-07-09 for acme" in run("rehearse", "daily-first", "--tenant", "acme", "--date", "2024-07-09")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["daily-nothing", "--tenant", "acme"], "There is no schedule 'daily-nothing'"),
        (["daily-first", "--tenant", "ghost"], "There is no tenant 'ghost'"),
    ],
)
def test_a_refusal_is_one_line(acme, words, why):
    assert refused("rehearse", *words).startswith(why)


def test_a_date_that_is_none_is_refused(acme):
    with pytest.raises(CommandError, match="'tomorrow' is not a date like 2024-02-29"):
        run("rehearse", "daily-first", "--tenant", "acme", "--date", "tomorrow")
