"""`workflow` as operators type it."""

import json

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import schema_context

from compliance.models import Rule


def run(capsys, *arguments):
    call_command("workflow", *arguments, "--tenant", "acme")
    return json.loads(capsys.readouterr().out)


def test_each_step_of_the_end_of_day_is_told(working, capsys):
    steps = run(capsys, "end-of-day")
    assert len(steps) == 6
    assert steps[2]["loans"] == 1
    assert steps[4] == {"fees": 1}


def test_the_checks_and_their_sum_are_told(working, capsys):
    with schema_context("acme"):
        rules = Rule.objects.filter(active=True).count()
    checks, summed_up = run(capsys, "compliance-check")
    assert (len(checks), summed_up["rules"]) == (rules, rules)


def test_snapshots_are_of_the_day_that_is_asked_for(working, capsys):
    (snapshots,) = run(capsys, "snapshots", "--date", "2024-02-20")
    assert isinstance(snapshots, list)


def test_refusals_are_one_line(acme, start):
    with pytest.raises(CommandError, match="Only snapshots take --date"):
        call_command("workflow", "end-of-day", "--tenant", "acme", "--date", "2024-02-20")
    with pytest.raises(CommandError, match="There is no tenant 'nobody'"):
        call_command("workflow", "compliance-check", "--tenant", "nobody")
    with pytest.raises(CommandError, match=r"No result within 0\.1 s: are workers running"):
        call_command("workflow", "compliance-check", "--tenant", "acme", "--wait", "0.1")
    start("worker", env={"MATINS_CATALOG": "schedules.catalog.CATALOG"})
    with pytest.raises(CommandError, match="There is no tenant 'nobody'"):
        call_command("workflow", "end-of-day", "--tenant", "nobody")
