"""Pauses and flags as operators type them."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import schema_context

from common import clock
from delinquency.models import Flag, Pause
from tests.integration.delinquency.behind import defaults, judge, make_loan


def jan(day):
    return date(2024, 1, day)


@pytest.fixture
def acme(make_tenant):
    clock.set_to(datetime(2024, 1, 20, 12, tzinfo=UTC))
    schema_name = make_tenant("acme", enabled_at=datetime(2023, 1, 1, tzinfo=UTC)).schema_name
    with schema_context(schema_name):
        make_loan(dues=["2024-01-01"])
    return schema_name


def run(capsys, *arguments):
    call_command(*arguments, "--tenant", "acme")
    return capsys.readouterr().out.strip()


def test_a_pause_by_command(acme, capsys):
    rehearsed = ["pause_delinquency", "L1", "--from", "2024-01-05", "--reason", "flood", "--dry-run"]
    said = "the days past due of L1 stop counting on 2024-01-05."
    assert run(capsys, *rehearsed) == f"Rehearsed only, nothing is kept: {said}"
    assert run(capsys, *rehearsed[:-1]) == said
    assert run(capsys, "pause_delinquency", "L1", "--resume", "2024-01-11") == (
        "the days past due of L1 count again from 2024-01-11."
    )
    with schema_context(acme):
        assert Pause.objects.values_list("starts_on", "resumes_on", "reason").get() == (jan(5), jan(11), "flood")


def test_a_flag_by_command(acme, capsys):
    assert run(capsys, "flag_loan", "L1", "bankruptcy", "--from", "2024-01-05") == (
        "L1 is flagged bankruptcy from 2024-01-05."
    )
    with schema_context(acme):
        judge(jan(6))
        assert [row[2] for row in defaults(Flag.objects.get().loan)] == ["bankruptcy"]
    run(capsys, "flag_loan", "L1", "bankruptcy", "--until", "2024-01-10")
    with schema_context(acme):
        assert Flag.objects.get().ends_on == jan(10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pause_delinquency", "L1", "--from", "2024-01-05"], "Give --from and --reason"),
        (["pause_delinquency", "L1"], "Give --from and --reason"),
        (
            ["pause_delinquency", "L1", "--from", "2024-01-05", "--resume", "2024-01-05", "--reason", "x"],
            "must be after",
        ),
        (["pause_delinquency", "L9", "--from", "2024-01-05", "--reason", "x"], "There is no loan L9"),
        (["flag_loan", "L1", "deceased"], "Give --from to flag"),
        (["flag_loan", "L1", "deceased", "--until", "2024-01-05"], "no flag deceased"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(acme, capsys, arguments, message):
    with pytest.raises(CommandError, match=message):
        run(capsys, *arguments)
