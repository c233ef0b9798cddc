"""Made-up tapes: the same seed gives the same one, and every line of it can be boarded."""

from datetime import date

from loans.boarding.quirks import quirks
from loans.boarding.reading import read
from loans.boarding.values import COLUMNS
from loans.models import TapeRow
from loans.tape import tape_lines, write_tape

PUBLISHED_HEADER = (
    "loan_number,state,homeownership,annual_income,loan_purpose,application_type,loan_amount,term,interest_rate,"
    "installment,grade,sub_grade,issue_month,loan_status,disbursement_method,balance,paid_total,paid_principal,"
    "paid_interest,paid_late_fees"
)


def test_the_columns_are_those_of_the_published_tape():
    assert next(tape_lines(rows=0, seed=1)) == PUBLISHED_HEADER == ",".join(COLUMNS)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    files = [tmp_path / name for name in ("first", "same", "other")]
    for file, seed in zip(files, (1, 1, 2), strict=True):
        write_tape(file, rows=200, seed=seed)
    first, same, other = (file.read_bytes() for file in files)
    assert first == same != other


def test_every_line_reads_and_only_charged_off_loans_are_odd():
    rows = list(read(tape_lines(rows=3000, seed=2018), as_of=date(2018, 6, 30)))
    assert all(isinstance(row, TapeRow) for row in rows)
    assert len({row.loan_number for row in rows}) == 3000
    assert {row.loan_status for row in rows if list(quirks(row))} == {"Charged Off"}


def test_writing_tells_its_progress(tmp_path):
    steps = []
    write_tape(tmp_path / "tape.csv", rows=10, seed=1, progress=steps.append)
    assert sum(steps) == 11
