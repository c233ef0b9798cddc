"""What Postgres itself refuses, whatever code may come: the promises that do not rest on anybody's care."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from schedules.models import Run, Window
from schedules.opening import open_due
from tests.stage import utc

TOKEN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def window(nightly):
    open_due(utc(1, 1))
    return Window.objects.get()


def refused(constraint, write):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


def copy(row, **changes):
    fields = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    return type(row).objects.create(**{**fields, **changes})


def test_a_second_window_of_an_occurrence(window):
    refused("schedules_one_window", lambda: copy(window, dated=False))


def test_a_second_window_of_a_business_date(window):
    refused(
        "schedules_one_window_a_date", lambda: copy(window, key="another", due_at=window.due_at + timedelta(hours=1))
    )


def test_a_second_run_of_a_tenant_in_a_window(window):
    refused("schedules_one_run", lambda: copy(Run.objects.first()))


def test_a_second_child_of_the_same_name(window):
    child = copy(Run.objects.first(), item="a")
    refused("schedules_one_run", lambda: copy(child))


@pytest.mark.parametrize("state", ["skipped", "failed"])
def test_an_end_without_a_reason(window, state):
    refused("schedules_run_says_why", lambda: Run.objects.update(state=state))


@pytest.mark.parametrize(("state", "token"), [("running", None), ("ready", TOKEN), ("succeeded", TOKEN)])
def test_a_running_run_without_a_token_or_another_with_one(window, state, token):
    refused("schedules_running_holds_a_token", lambda: Run.objects.update(state=state, token=token))


def test_a_state_that_is_none(window):
    refused("schedules_run_state", lambda: Run.objects.update(state="lost"))
