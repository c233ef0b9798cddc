"""The commands of credit reporting, as an operator types them."""

from contextlib import suppress
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from common import clock
from credit_reporting.models import Report
from tests.integration.credit_reporting.told import borrow, files, live, path

REPORTER = (
    *("--name", "First Matins Bank", "--address", "1 Main St, Wilmington DE", "--phone", "3025550100"),
    *("--identification-number", "MATINS01"),
)


@pytest.fixture
def acme(make_tenant):
    """A tenant whose loan has lived until 1 February 2024."""
    from django_tenants.utils import schema_context

    clock.set_to(datetime(2024, 2, 1, 12, tzinfo=UTC))
    make_tenant("acme", enabled_at=datetime(2023, 12, 1, tzinfo=UTC))
    with schema_context("acme"):
        borrow("L1")
        live(date(2023, 12, 15), date(2024, 2, 1))
        yield "acme"


def run(command, *arguments):
    """Return what a command prints."""
    output = StringIO()
    try:
        with suppress(SystemExit):
            call_command(command, *map(str, arguments), stdout=output)
    finally:
        connection.set_schema("acme")  # A command leaves the connection in public.
    return output.getvalue().splitlines()


def test_a_month_is_written_corrected_and_validated_by_hand(acme):
    assert run("set_reporter", *REPORTER, "--equifax", "EQ1", "--innovis", "IN1", "--tenant", acme) == [
        "First Matins Bank reports to Equifax, Innovis."
    ]
    rehearsed = run("metro2", "2024-01", "--tenant", acme, "--dry-run")
    assert rehearsed[0].startswith("Rehearsed only, nothing is kept: 2024-01 v1: 1 reported")
    assert (Report.objects.count(), files()) == (0, [])
    (written,) = run("metro2", "2024-01", "--tenant", acme)
    written_files = "acme/metro2/2024-01/equifax-v1.txt, acme/metro2/2024-01/innovis-v1.txt"
    assert written == f"2024-01 v1: 1 reported, 0 held back, 0 warnings: {written_files}"
    with pytest.raises(CommandError, match="2024-01 is reported already, in version 1"):
        run("metro2", "2024-01", "--tenant", acme)
    assert run("metro2", "2024-01", "--correct", "--tenant", acme)[0].startswith("2024-01 v2: 1 reported")
    newest = path(files()[-1])
    assert run("validate_metro2", newest, "--tenant", acme) == ["1 records, current balance 2,421, 0 findings."]


def test_a_file_is_held_against_the_sub_ledger(acme):
    run("set_reporter", *REPORTER, "--equifax", "EQ1", "--tenant", acme)
    run("metro2", "2024-01", "--tenant", acme)
    file = path(files()[0])
    file.write_text(file.read_text().replace("000002421", "000002420"))
    assert run("validate_metro2", file, "--tenant", acme) == [
        "line 2: BASE 155 current_balance: must be the balance of the sub-ledger without its cents, 2421",
        "1 records, current balance 2,420, 1 findings.",
    ]
    file.write_text(file.read_text().replace("L1  ", "L9  "))
    assert run("validate_metro2", file, "--tenant", acme)[:2] == [
        "line 2: BASE 43 consumer_account_number: must be an account of the sub-ledger",
        "line 0: FILE 0 consumer_account_number: must be reported: L1 owes 2421 by the sub-ledger",
    ]


def test_a_month_that_is_not_over_is_not_reported(acme):
    with pytest.raises(CommandError, match=r"2024-02 is reported from 2024-03-01 on, when it is over\."):
        run("metro2", "2024-02", "--tenant", acme)


def test_without_a_reporter_nothing_is_written(acme):
    with pytest.raises(CommandError, match="set the reporter with `set_reporter` first"):
        run("metro2", "2024-01", "--tenant", acme)


def test_a_month_without_anything_to_report_says_so(acme):
    run("set_reporter", *REPORTER, "--equifax", "EQ1", "--tenant", acme)
    assert run("metro2", "2023-11", "--tenant", acme) == ["No loan was reportable in 2023-11."]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("metro2", "January", "--tenant", "acme"), "'January' is not a month like 2024-01"),
        (("set_reporter", *REPORTER, "--tenant", "acme"), "No bureau would get a file"),
        (("set_reporter", *REPORTER, "--equifax", "TOOLONGFORIT", "--tenant", "acme"), "equifax_id: Ensure this value"),
    ],
)
def test_what_cannot_be_is_refused_on_one_line(acme, arguments, message):
    with pytest.raises(CommandError, match=message) as refused:
        run(*arguments)
    assert "\n" not in str(refused.value)


def test_a_file_without_a_header_cannot_be_held_against_a_sub_ledger(acme, tmp_path):
    (tmp_path / "none.m2").write_text("nothing\n")
    with pytest.raises(CommandError, match="has no header that tells its month"):
        run("validate_metro2", tmp_path / "none.m2", "--tenant", acme)
    with pytest.raises(CommandError, match="has no header that tells its month"):
        run("validate_metro2", tmp_path / "missing.m2", "--tenant", acme)


def test_an_unknown_tenant_is_refused(acme):
    run("set_reporter", *REPORTER, "--equifax", "EQ1", "--tenant", acme)
    run("metro2", "2024-01", "--tenant", acme)
    with pytest.raises(CommandError, match="nowhere"):
        run("validate_metro2", path(files()[0]), "--tenant", "nowhere")
