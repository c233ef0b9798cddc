"""What becomes of a tape's lines in the books: loaded, unchanged or refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction

from common.checksum import checksum
from ledger.selectors import trial_balance
from loans.boarding import Finding, services
from loans.boarding.reading import read
from loans.identity import Identity
from loans.models import Borrower, Instalment, Loan, RateSegment
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


def who(surname, number="A"):
    """Return what was read of a line that says who owes."""
    [row] = read(tape({"loan_number": number}), as_of=AS_OF)
    row.identity = Identity(surname=surname, ssn="123456789", state="NJ")
    return row


def test_who_owes_is_kept_sealed_and_nowhere_else():
    services.load(iter([who("Doe")]), as_of=AS_OF)
    assert Borrower.objects.get().identity == Identity(surname="Doe", ssn="123456789", state="NJ")
    with connection.cursor() as cursor:
        cursor.execute("SELECT borrower::text || tape::text FROM loans_borrower borrower, loans_taperow tape")
        [(told,)] = cursor.fetchall()
    assert "Doe" not in told
    assert "123456789" not in told


def test_a_line_that_names_another_borrower_is_refused_and_one_that_names_none_is_not():
    services.load(iter([who("Doe")]), as_of=AS_OF)
    report = services.load(iter([who("Doe"), who("Roe"), *read(tape({"loan_number": "A"}), as_of=AS_OF)]), as_of=AS_OF)
    assert (report.loaded, report.unchanged) == (0, 2)
    assert report.refused == [Finding(line=2, loan_number="A", reason=services.RENAMED)]
    assert Borrower.objects.get().identity.surname == "Doe"


def test_a_number_twice_in_a_file_with_two_borrowers_is_refused():
    report = services.load(iter([who("Doe"), who("Roe")]), as_of=AS_OF)
    assert (report.loaded, [finding.reason for finding in report.refused]) == (1, [services.RENAMED])


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
