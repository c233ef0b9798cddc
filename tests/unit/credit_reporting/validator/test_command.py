"""`validate_metro2`: one line for each finding, and an exit code that a script can use."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from common import clock
from credit_reporting.management.commands.validate_metro2 import Command
from tests.unit.credit_reporting.validator.goodfile import LAST_MONTH, LATE, LINES, changed


@pytest.fixture
def run(tmp_path):
    """Return a function that runs the command and gives back its exit code and what it printed."""

    def validate(lines, *options):
        file, output = tmp_path / "file.m2", StringIO()
        file.write_text("\n".join(lines))
        try:
            call_command(Command(), str(file), *map(str, options), stdout=output)
        except SystemExit as end:
            return end.code, output.getvalue().splitlines()
        return 0, output.getvalue().splitlines()

    return validate


def test_a_clean_file_gives_0_and_what_it_adds_up_to(run):
    assert run(LINES, "--today", "2024-03-01") == (0, ["6 records, current balance 40,700, 0 findings."])


def test_a_finding_gives_1_and_a_line(run):
    assert run(changed(LATE, (190, "00000000"), (232, "smith")), "--today", "2024-03-01") == (
        1,
        [
            "line 3: BASE 232 surname: must not be blank: printable upper-case ASCII, left-justified and blank-filled",
            "6 records, current balance 40,700, 1 findings.",
        ],
    )


def test_last_months_file_is_compared(run, tmp_path):
    (tmp_path / "before.m2").write_text("\n".join(LAST_MONTH))
    code, lines = run(changed(LATE, (127, "1")), "--today", "2024-03-01", "--previous", tmp_path / "before.m2")
    assert (code, lines[0]) == (
        1,
        "line 3: BASE 127 payment_history_profile: must begin with the code of last month's status",
    )


def test_today_is_that_of_the_business_clock_unless_it_is_given(run):
    clock.set_to(datetime(2024, 2, 29, 12, tzinfo=UTC))
    code, lines = run(LINES)
    assert (code, lines[0]) == (1, "line 1: HEADER 56 date_created: must not lie in the future")


def test_a_file_that_is_not_there_is_a_finding(run, tmp_path):
    output = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command(Command(), str(tmp_path / "none.m2"), stdout=output)
    assert end.value.code == 1
    assert output.getvalue().startswith("line 0: FILE 0 file: must be readable: No such file or directory\n")


def test_a_day_that_is_none_is_refused(run):
    with pytest.raises(CommandError, match="'yesterday' is not a date such as 2026-01-31"):
        run(LINES, "--today", "yesterday")
