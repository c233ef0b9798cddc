"""The comparison of a file's balances with what the sub-ledger says."""

import pytest

from credit_reporting.validator import Validation, activity_date
from credit_reporting.validator.layout import BASE
from tests.unit.credit_reporting.validator.goodfile import FULL, LINES, TODAY

SAID = {
    BASE.text("consumer_account_number", line, 0).rstrip(): int(BASE.text("current_balance", line, 0))
    for line in LINES[1:-1]
}
FIRST = next(iter(SAID))


@pytest.fixture
def found(tmp_path):
    """Return a function that holds the clean file against balances."""
    file = tmp_path / "february.m2"
    file.write_text("".join(f"{line}\n" for line in LINES))

    def compare(balances):
        return [tuple(one) for one in Validation(file, today=TODAY, sub_ledger=balances).findings()]

    return compare


def test_equal_balances_are_clean(found):
    assert found(SAID.items()) == []


def test_an_account_that_owes_nothing_need_not_be_reported(found):
    assert found([*SAID.items(), ("LN00000099", 0)]) == []


def test_a_dollar_more_is_found_where_it_stands(found):
    reason = f"must be the balance of the sub-ledger without its cents, {SAID[FIRST] + 1}"
    assert found((SAID | {FIRST: SAID[FIRST] + 1}).items()) == [(FULL, "BASE", 155, "current_balance", reason)]


def test_an_account_that_the_sub_ledger_does_not_know_is_found(found):
    known = {number: balance for number, balance in SAID.items() if number != FIRST}
    reason = "must be an account of the sub-ledger"
    assert found(known.items()) == [(FULL, "BASE", 43, "consumer_account_number", reason)]


def test_a_loan_that_owes_and_is_not_reported_is_found(found):
    reason = "must be reported: LN00000099 owes 7 by the sub-ledger"
    assert found([*SAID.items(), ("LN00000099", 7)]) == [(0, "FILE", 0, "consumer_account_number", reason)]


def test_two_loans_of_one_number_owe_together(found):
    half = SAID[FIRST] // 2
    balances = [(FIRST, half), *((SAID | {FIRST: SAID[FIRST] - half}).items())]
    assert found(balances) == []


def test_a_file_tells_the_month_that_it_is_about(tmp_path):
    (tmp_path / "file").write_text(LINES[0])
    assert f"{activity_date(tmp_path / 'file')}" == "2024-02-29"
    (tmp_path / "none").write_text("nothing")
    assert activity_date(tmp_path / "none") is None
