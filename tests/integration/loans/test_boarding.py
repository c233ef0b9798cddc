"""What becomes of a tape's lines in the books: loaded, unchanged or refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction

from common.checksum import checksum
from ledger.selectors import trial_balance
from loans.boarding import Finding, services
from loans.boarding.reading import read
from loans.models import Instalment, Loan, RateSegment
from loans.tape import tape_lines
from tests.integration.loans.books import make_loan
from tests.unit.loans.test_reading import AS_OF, tape

pytestmark = pytest.mark.usefixtures("books")


def board(*rows, as_of=AS_OF):
    """Board rows given as changes to a good line."""
    return services.load(read(tape(*rows), as_of=as_of), as_of=as_of)


def numbered(*numbers):
    return [{"loan_number": number} for number in numbers]


def test_bad_lines_are_refused_by_number_and_the_rest_is_loaded():
    report = board(*numbered("A"), {"loan_number": "B", "balance": "much"}, *numbered("C"))
    assert (report.loaded, report.unchanged, report.warnings) == (2, 0, [])
    reason = "balance 'much' is not an amount in dollars and cents"
    assert report.refused == [Finding(line=3, loan_number="B", reason=reason)]
    assert set(Loan.objects.values_list("number", flat=True)) == {"A", "C"}


def test_only_the_new_lines_of_a_longer_file_are_loaded():
    board(*numbered("A", "B"))
    report = board(*numbered("A", "B", "C"))
    assert (report.loaded, report.unchanged, report.refused) == (1, 2, [])
    owed = 3 * Decimal("27015.86")
    assert {line.code: line.balance for line in trial_balance()} == {"LR": owed, "CL": -owed}


def test_another_line_for_a_boarded_loan_is_refused_and_changes_nothing():
    board(*numbered("A"))
    before = checksum()
    report = board({"loan_number": "A", "balance": "1.00"})
    assert (report.loaded, report.unchanged) == (0, 0)
    assert report.refused == [Finding(line=2, loan_number="A", reason=services.CHANGED)]
    assert checksum() == before


def test_a_loan_that_came_another_way_is_refused():
    make_loan("A")
    assert board(*numbered("A")).refused == [Finding(line=2, loan_number="A", reason=services.FOREIGN)]


def test_a_number_twice_in_a_file_loads_once():
    report = board(*numbered("A", "A"), {"loan_number": "A", "balance": "1.00"})
    assert (report.loaded, report.unchanged) == (1, 1)
    assert report.refused == [Finding(line=4, loan_number="A", reason=services.CHANGED)]


def test_batches_give_the_same_books_as_one(monkeypatch):
    checksums, steps = set(), []
    for size in (7, 50, 1000):
        monkeypatch.setattr(services, "BATCH", size)
        with transaction.atomic():
            services.load(read(tape_lines(rows=50, seed=1), as_of=AS_OF), as_of=AS_OF, progress=steps.append)
            checksums.add(checksum())
            transaction.set_rollback(True)
    assert len(checksums) == 1
    assert steps == [7] * 7 + [1, 50, 50]


def test_the_transfers_day_moves_everything():
    board({"loan_number": "A", "issue_month": "Jan-2018"}, as_of=date(2018, 3, 31))
    loan = Loan.objects.get()
    assert (loan.accrues_from, loan.first_due) == (date(2018, 3, 1), date(2018, 2, 1))
    assert RateSegment.objects.get().rate == Decimal("0.1407")
    first = Instalment.objects.earliest("number")
    assert (first.number, first.period_start, first.due_date) == (3, date(2018, 3, 1), date(2018, 4, 1))
    # 27,015.86 at 14.07 % a year for a month, out of 652.53.
    assert (first.interest, first.principal) == (Decimal("316.76"), Decimal("335.77"))
