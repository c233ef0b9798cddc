"""What becomes of the lines of a tape: a row, or the reason why not."""

from datetime import date
from decimal import Decimal

import pytest

from loans.boarding.reading import count_lines, oldest_due, open_tape, read
from loans.boarding.report import Finding
from loans.exceptions import BoardingError
from loans.identity import Identity

AS_OF = date(2018, 6, 30)
GOOD = {
    "loan_number": "LC000001",
    "state": "NJ",
    "homeownership": "MORTGAGE",
    "annual_income": "90000.0",
    "loan_purpose": "moving",
    "application_type": "individual",
    "loan_amount": "28000",
    "term": "60",
    "interest_rate": "14.07",
    "installment": "652.53",
    "grade": "C",
    "sub_grade": "C3",
    "issue_month": "Mar-2018",
    "loan_status": "Current",
    "disbursement_method": "Cash",
    "balance": "27015.86",
    "paid_total": "1999.33",
    "paid_principal": "984.14",
    "paid_interest": "1015.19",
    "paid_late_fees": "0.0",
}


def tape(*rows):
    return [",".join(GOOD), *(",".join({**GOOD, **row}.values()) for row in rows)]


def read_one(**values):
    return next(read(tape(values), as_of=AS_OF))


def test_a_line_becomes_a_row():
    row = read_one()
    assert (row.loan_number, row.line, row.as_of) == ("LC000001", 2, AS_OF)
    assert (row.loan_amount, row.term, row.interest_rate) == (Decimal(28000), 60, Decimal("14.07"))
    assert (row.issued_on, row.oldest_due) == (date(2018, 3, 1), date(2018, 7, 1))
    assert row.identity == Identity()


def read_who(**said):
    header, line = tape({})
    lines = [",".join([header, *said]), ",".join([line, *said.values()])]
    return next(read(lines, as_of=AS_OF))


def test_identity_columns_are_taken_where_the_tape_has_them():
    row = read_who(
        ssn="123-45-6789", birth_date="1980-12-31", surname="Doe", phone="+1 (212) 555-0123", zip="07101-1234"
    )
    assert row.identity == Identity(
        ssn="123456789", birth_date=date(1980, 12, 31), surname="Doe", phone="2125550123", zip="071011234", state="NJ"
    )


def test_a_line_that_says_nothing_of_who_owes_leaves_it_open():
    assert read_who(ssn="", surname=" ").identity == Identity()


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("ssn", "123-45-678", "ssn is not a number of nine digits"),
        ("ssn", "१२३४५६७८९", "ssn is not a number of nine digits"),
        ("birth_date", "12/31/1980", "birth_date is not a date such as 1980-12-31"),
        ("phone", "555-0123", "phone is not a telephone number of ten digits"),
        ("email", "doe.example.com", "email is not an e-mail address"),
        ("email", f"{'d' * 250}@example.com", "email is not an e-mail address"),
        ("zip", "0710", "zip is not a ZIP code of five or nine digits"),
        ("surname", "D" * 81, "surname is not a text of at most 80 characters"),
        ("synthetic", "no", "synthetic is neither yes nor empty"),
    ],
)
def test_who_owes_is_not_repeated_in_the_reason_of_a_refusal(column, value, reason):
    assert read_who(**{column: value}) == Finding(line=2, loan_number="LC000001", reason=reason)


def test_the_fingerprint_says_nothing_of_who_owes():
    assert read_who(ssn="123456789").fingerprint == read_one().fingerprint


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("loan_number", "", "loan_number '' is empty"),
        ("loan_number", "x" * 41, f"loan_number '{'x' * 41}' is not a text of at most 40 characters"),
        ("state", "N\x00", "state 'N\\x00' is not a text of at most 2 characters"),
        ("balance", "n/a", "balance 'n/a' is not an amount in dollars and cents"),
        ("balance", "1.005", "balance '1.005' is not an amount in dollars and cents"),
        ("balance", "-1", "balance '-1' is not an amount in dollars and cents"),
        ("balance", "NaN", "balance 'NaN' is not an amount in dollars and cents"),
        ("balance", "1_000", "balance '1_000' is not an amount in dollars and cents"),
        ("balance", "1e5", "balance '1e5' is not an amount in dollars and cents"),
        ("balance", "१", "balance '१' is not an amount in dollars and cents"),
        ("loan_amount", "0", "loan_amount '0' is not an amount in dollars and cents above zero"),
        ("installment", "0.00", "installment '0.00' is not an amount in dollars and cents above zero"),
        ("interest_rate", "100", "interest_rate '100' is not a percentage a year below 100"),
        ("paid_total", "", "paid_total '' is not an amount in dollars"),
        ("term", "36 months", "term '36 months' is not a term of 1 to 600 months"),
        ("term", "0", "term '0' is not a term of 1 to 600 months"),
        ("issue_month", "2018-03", "issue_month '2018-03' is not a month such as Mar-2018"),
        ("issue_month", "Jul-2018", "issue_month is after the transfer of 2018-06-30"),
        (
            "loan_status",
            "Default",
            (
                "loan_status 'Default' is none of Charged Off, Current, Fully Paid, In Grace Period, "
                "Late (16-30 days), Late (31-120 days)"
            ),
        ),
    ],
)
def test_a_value_that_cannot_be_read_refuses_its_line_with_the_reason(column, value, reason):
    assert read_one(**{column: value}) == Finding(
        line=2, loan_number={"loan_number": value}.get(column, "LC000001"), reason=reason
    )


def test_a_line_with_too_few_values_is_refused_and_the_next_is_read():
    first, second = read([",".join(GOOD), "LC000002,NJ", tape({})[1]], as_of=AS_OF)
    assert first == Finding(line=2, loan_number="LC000002", reason="the line has 2 values for 20 columns")
    assert second.line == 3


def test_empty_lines_are_no_lines_but_count():
    header, line = tape({})
    assert [row.line for row in read([header, "", line, ""], as_of=AS_OF)] == [3]


@pytest.mark.parametrize(
    ("status", "issued", "due"),
    [
        ("Current", date(2018, 1, 1), date(2018, 7, 1)),
        ("In Grace Period", date(2018, 1, 1), date(2018, 6, 1)),
        ("Late (16-30 days)", date(2018, 1, 1), date(2018, 6, 1)),
        ("Late (31-120 days)", date(2018, 1, 1), date(2018, 5, 1)),
        ("Late (31-120 days)", date(2018, 3, 1), date(2018, 5, 1)),
        ("Late (31-120 days)", date(2018, 6, 1), date(2018, 7, 1)),
        ("Current", date(2010, 1, 1), date(2013, 1, 1)),
        ("Fully Paid", date(2018, 1, 1), None),
        ("Charged Off", date(2018, 1, 1), None),
    ],
)
def test_the_status_says_which_instalment_is_the_oldest_unpaid(status, issued, due):
    assert oldest_due(status=status, issued_on=issued, term=36, as_of=AS_OF) == due


def test_the_same_values_have_the_same_fingerprint_and_others_another():
    first, same, other = read(tape({}, {}, {"balance": "27015.87"}), as_of=AS_OF)
    assert first.fingerprint == same.fingerprint != other.fingerprint


def test_a_file_that_is_no_tape_is_refused_as_a_whole(tmp_path):
    with pytest.raises(BoardingError, match="lacks the columns loan_number, state"):
        list(read([], as_of=AS_OF))
    with pytest.raises(BoardingError, match="lacks the columns balance: a tape names"):
        list(read([",".join(column for column in GOOD if column != "balance")], as_of=AS_OF))
    with pytest.raises(BoardingError, match=r"none\.csv cannot be read: No such file or directory\."):
        open_tape(tmp_path / "none.csv")


def test_a_file_in_another_encoding_is_refused_as_a_whole(tmp_path):
    file = tmp_path / "latin.csv"
    file.write_bytes("\n".join(tape({"loan_purpose": "café"})).encode("latin-1"))
    with open_tape(file) as lines, pytest.raises(BoardingError, match="is not CSV in UTF-8"):
        list(read(lines, as_of=AS_OF))


def test_lines_are_counted_without_the_header(tmp_path):
    file = tmp_path / "tape.csv"
    file.write_text("\n".join(tape({}, {}, {})) + "\n")
    assert count_lines(file) == 3
