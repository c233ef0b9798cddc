"""Boarding as an operator does it: whole or not at all, rehearsed, refused in one line."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import schema_context

from common.exceptions import TenantNotActiveError
from loans import selectors
from loans.boarding import board_loans, services
from loans.models import Loan, TapeRow
from loans.tape import tape_lines, write_tape
from tenants.services import suspend
from tests.unit.loans.test_reading import tape


@pytest.fixture
def acme(make_tenant):
    return make_tenant("acme").schema_name


def made_up(folder, *, rows):
    write_tape(folder / "made_up.csv", rows=rows, seed=1)
    return folder / "made_up.csv"


def in_books(schema_name):
    with schema_context(schema_name):
        return TapeRow.objects.count(), Loan.objects.count(), selectors.totals().entries


def test_a_rehearsal_reports_the_same_and_keeps_nothing(acme, tmp_path):
    path = made_up(tmp_path, rows=40)
    rehearsed = board_loans(schema_name=acme, path=path, dry_run=True)
    assert in_books(acme) == (0, 0, 0)
    assert board_loans(schema_name=acme, path=path) == rehearsed
    assert in_books(acme) == (40, 40, 1)


def test_an_interrupted_boarding_leaves_nothing(acme, tmp_path, monkeypatch):
    monkeypatch.setattr(services, "BATCH", 10)
    done = []

    def interrupt(lines):
        done.append(lines)
        if len(done) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        board_loans(schema_name=acme, path=made_up(tmp_path, rows=40), progress=interrupt)
    assert in_books(acme) == (0, 0, 0)


def test_nobody_boards_for_a_suspended_tenant(acme, tmp_path):
    suspend(schema_name=acme)
    with pytest.raises(TenantNotActiveError):
        board_loans(schema_name=acme, path=made_up(tmp_path, rows=1))


def test_the_command_lists_what_is_odd_and_what_is_refused(acme, tmp_path):
    path = tmp_path / "tape.csv"
    path.write_text("\n".join(tape({}, {"loan_number": "B", "paid_total": "1.001"}, {"loan_number": "C", "term": "?"})))
    out = StringIO()
    call_command("board_loans", "--tenant", "acme", str(path), "--dry-run", stdout=out)
    assert out.getvalue().splitlines() == [
        "line 3: B loaded with a warning: paid_total 1.001 has more than two decimals",
        "line 4: C refused: term '?' is not a term of 1 to 600 months",
        "Rehearsed only, nothing is kept: 2 loans loaded (1 warnings), 0 unchanged, 1 lines refused.",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tenant", "acme", "{tmp}/none.csv"], "none.csv cannot be read: No such file or directory."),
        (["--tenant", "ghost", "{tmp}/tape.csv"], "There is no tenant 'ghost'"),
        (["--tenant", "acme", "{tmp}/empty.csv"], "The first line lacks the columns loan_number, state"),
        (["--tenant", "acme", "{tmp}/tape.csv", "--as-of", "today"], "'today' is not a date such as 2018-06-30"),
    ],
)
def test_the_command_refuses_in_one_line(acme, tmp_path, arguments, message):
    (tmp_path / "tape.csv").write_text("\n".join(tape({})))
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(CommandError, match=message):
        call_command("board_loans", *(argument.format(tmp=tmp_path) for argument in arguments))


def test_a_tape_is_made_by_command(tmp_path):
    path, out = tmp_path / "tape.csv", StringIO()
    call_command("make_tape", "--rows", "3", "--seed", "7", "--out", str(path), stdout=out)
    assert path.read_text().splitlines() == list(tape_lines(rows=3, seed=7))
    assert out.getvalue() == f"3 loans written to {path}.\n"
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        call_command("make_tape", "--rows", "3", "--out", str(tmp_path / "none" / "tape.csv"))
