"""Fourteen month-end files of three loans: one is charged off, one cures and falls behind again, one is paid off.

Each opened on 15 December 2023 and is due on the 15th of every month from January 2024. What a file must say stands in
the tables, typed by hand from the calendar: days since the oldest unpaid due date, its status, the profile.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

import pytest

from credit_reporting.metro2.records import Record
from credit_reporting.metro2.status import (
    Reported,
    account_status,
    date_of_first_delinquency,
    days_past_due,
    payment_history_profile,
    payment_rating,
)
from credit_reporting.metro2.writing import record_line
from tests.unit.credit_reporting.sample_records import PLAIN_BASE

MONTH_ENDS = [
    date(2023, 12, 31), date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30), date(2024, 5, 31),
    date(2024, 6, 30), date(2024, 7, 31), date(2024, 8, 31), date(2024, 9, 30), date(2024, 10, 31),
    date(2024, 11, 30), date(2024, 12, 31), date(2025, 1, 31),
]  # fmt: skip


class Month(NamedTuple):
    """What a loan is at a month's end, and what its record must then say."""

    oldest_due: date | None
    closed: str
    status: str
    first_delinquency: str
    profile: str


def unpaid(month, day=15, year=2024):
    return date(year, month, day)


CHARGED_OFF = [
    Month(None, "", "11", "00000000", ""),
    Month(unpaid(1), "", "11", "00000000", "0"),  # 16 days
    Month(unpaid(1), "", "71", "02142024", "00"),  # 45
    Month(unpaid(1), "", "78", "02142024", "100"),  # 76
    Month(unpaid(1), "", "80", "02142024", "2100"),  # 106
    Month(unpaid(1), "97", "97", "02142024", "32100"),  # 137, charged off at 120
    Month(unpaid(1), "97", "97", "02142024", "L32100"),
    Month(unpaid(1), "97", "97", "02142024", "LL32100"),
    Month(unpaid(1), "97", "97", "02142024", "LLL32100"),
    Month(unpaid(2), "97", "97", "02142024", "LLLL32100"),  # a recovery covers January
    Month(unpaid(2), "97", "97", "02142024", "LLLLL32100"),
    Month(unpaid(2), "97", "97", "02142024", "LLLLLL32100"),
    Month(unpaid(2), "97", "97", "02142024", "LLLLLLL32100"),
    Month(unpaid(2), "64", "64", "02142024", "LLLLLLLL32100"),  # paid after all
]
CURED = [
    Month(None, "", "11", "00000000", ""),
    Month(unpaid(1), "", "11", "00000000", "0"),
    Month(unpaid(1), "", "71", "02142024", "00"),
    Month(unpaid(1), "", "78", "02142024", "100"),
    Month(unpaid(3), "", "71", "02142024", "2100"),  # two of three paid: 46 days, the same cycle
    Month(None, "", "11", "00000000", "12100"),  # cured
    Month(unpaid(6), "", "11", "00000000", "012100"),  # 15
    Month(unpaid(6), "", "71", "07152024", "0012100"),  # 46, another cycle
    Month(unpaid(6), "", "78", "07152024", "10012100"),  # 77
    Month(unpaid(6), "", "80", "07152024", "210012100"),  # 107
    Month(None, "", "11", "00000000", "3210012100"),
    Month(None, "", "11", "00000000", "03210012100"),
    Month(unpaid(12), "", "11", "00000000", "003210012100"),  # 16
    Month(unpaid(12), "", "71", "01142025", "0003210012100"),  # 47
]
PAID_OFF = [
    *[Month(None, "", "11", "00000000", "0" * months) for months in range(11)],
    Month(unpaid(11), "", "11", "00000000", "0" * 11),  # 15
    Month(unpaid(11), "", "71", "12152024", "0" * 12),  # 46
    Month(unpaid(11), "13", "13", "12152024", "1" + "0" * 12),  # paid while 60 to 89 days late: rated 2
]


def reported_of(line):
    first = line[189:197]
    return Reported(
        account_status=line[123:125],
        payment_rating=line[125].strip(),
        payment_history_profile=line[126:150],
        date_of_first_delinquency=None
        if first == "0" * 8
        else date(int(first[4:]), int(first[:2]), int(first[2:4])),
    )  # fmt: skip


def line_of(month, as_of, previous):
    """Return the loan's line in the file of a month, from last month's line alone and the state of the loan."""
    behind = account_status(days_past_due(as_of, month.oldest_due))
    status = month.closed or behind
    rating = payment_rating(status, behind)
    first = date_of_first_delinquency(status=status, rating=rating, oldest_due=month.oldest_due, previous=previous)
    base = PLAIN_BASE._replace(
        account_status=status,
        payment_rating=rating,
        payment_history_profile=payment_history_profile(previous),
        date_of_first_delinquency=first,
        date_of_account_information=as_of,
        current_balance=Decimal("100.00"),
    )
    return record_line(Record(base=base))


@pytest.mark.parametrize("months", [CHARGED_OFF, CURED, PAID_OFF], ids=["charged-off", "cured", "paid-off"])
def test_fourteen_files_follow_from_one_another(months):
    previous, said = None, []
    for month, as_of in zip(months, MONTH_ENDS, strict=True):
        line = line_of(month, as_of, previous)
        said.append((line[123:125], line[189:197], line[126:150]))
        previous = reported_of(line)
    assert said == [(month.status, month.first_delinquency, month.profile.ljust(24, "B")) for month in months]


def test_the_loan_that_was_paid_off_late_is_rated_by_how_late():
    previous = None
    for month, as_of in zip(PAID_OFF, MONTH_ENDS, strict=True):
        line = line_of(month, as_of, previous)
        previous = reported_of(line)
    assert line[123:126] == "132"
