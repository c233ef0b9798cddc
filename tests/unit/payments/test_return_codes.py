"""What may be done after each return, and until when one may come."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.ach.exceptions import UnknownReturnCodeError
from payments.ach.return_codes import CATALOGUE, Remedy, last_arrival, lookup, may_retry

SETTLED = date(2024, 1, 5)
LAST_DAY = date(2024, 7, 3)


@pytest.mark.parametrize("code", ["R01", "R09"])
@pytest.mark.parametrize(
    ("attempts", "on", "allowed"),
    [
        (1, date(2024, 1, 10), True),
        (2, date(2024, 1, 10), True),
        (3, date(2024, 1, 10), False),
        (1, LAST_DAY, True),
        (2, LAST_DAY, True),
        (3, LAST_DAY, False),
        (1, LAST_DAY + timedelta(days=1), False),
        (2, LAST_DAY + timedelta(days=1), False),
    ],
)
def test_insufficient_or_uncollected_funds_are_tried_twice_more_within_180_days(code, attempts, on, allowed):
    assert may_retry(code, attempts=attempts, original_settlement=SETTLED, on=on) is allowed


@given(st.sampled_from(sorted(set(CATALOGUE) - {"R01", "R09"})), st.integers(1, 3), st.dates())
def test_nothing_else_is_sent_again_as_it_was(code, attempts, on):
    assert may_retry(code, attempts=attempts, original_settlement=SETTLED, on=on) is False


@pytest.mark.parametrize(
    ("codes", "remedy"),
    [
        ("R01 R09", Remedy.RETRY),
        ("R02 R03 R04", Remedy.CORRECTION),
        ("R07 R08 R10 R29", Remedy.AUTHORISATION),
        ("R14 R15 R16", Remedy.NEVER),
    ],
)
def test_what_must_happen_first(codes, remedy):
    assert {lookup(code).remedy for code in codes.split()} == {remedy}


@pytest.mark.parametrize(
    ("codes", "settled", "last"),
    [
        ("R01 R02 R03 R04 R08 R09", date(2024, 1, 5), date(2024, 1, 9)),
        ("R01 R02 R03 R04 R08 R09", date(2024, 1, 12), date(2024, 1, 17)),  # Monday the 15th is a holiday.
        ("R05 R07 R10 R11", date(2024, 1, 5), date(2024, 3, 5)),
    ],
)
def test_how_late_a_return_may_come(codes, settled, last):
    assert {last_arrival(code, settled) for code in codes.split()} == {last}


def test_a_code_that_is_not_in_the_catalogue_is_an_error():
    for use in (
        lambda: lookup("R99"),
        lambda: last_arrival("R99", SETTLED),
        lambda: may_retry("R99", attempts=1, original_settlement=SETTLED, on=SETTLED),
    ):
        with pytest.raises(UnknownReturnCodeError, match="No debit is returned with 'R99': ask the bank"):
            use()
