"""The oddities that a tape's lines are reported for."""

from datetime import date

import pytest

from loans.boarding.quirks import quirks
from tests.unit.loans.test_reading import read_one

CLOSED = {"loan_status": "Fully Paid", "balance": "0", "paid_principal": "28000"}


@pytest.mark.parametrize(
    ("values", "reasons"),
    [
        ({}, []),
        (CLOSED, []),
        ({"installment": "652.52"}, ["installment 652.52 is not the annuity payment rounded up, 652.53"]),
        (
            {"installment": "316.76"},
            [
                "installment 316.76 is not the annuity payment rounded up, 652.53",
                "installment 316.76 does not cover a month's interest",
            ],
        ),
        ({"balance": "27015.85"}, ["balance 27015.85 is not loan_amount less paid_principal, 27015.86"]),
        ({"balance": "0", "paid_principal": "28000"}, ["Current with a balance of 0"]),
        (
            {**CLOSED, "balance": "1.00", "paid_principal": "27999.00"},
            ["Fully Paid with a balance of 1.00"],
        ),
        (
            {"loan_status": "Late (31-120 days)", "paid_total": "0"},
            ["Late (31-120 days) with nothing ever paid"],
        ),
        ({"application_type": "joint", "annual_income": "0.0"}, ["annual_income is 0 on a joint application"]),
        ({"paid_total": "1999.331"}, ["paid_total 1999.331 has more than two decimals"]),
        ({"paid_late_fees": "0.123"}, ["paid_late_fees 0.123 has more than two decimals"]),
        (
            {"loan_status": "Late (31-120 days)", "issue_month": "May-2018"},
            ["Late (31-120 days), but no instalment was due by 2018-05-30"],
        ),
        (
            {"issue_month": "Jan-2010"},
            ["Current, but its last instalment was due on 2015-01-01"],
        ),
    ],
)
def test_each_oddity_is_reported_with_its_figures(values, reasons):
    assert list(quirks(read_one(**values))) == reasons


def test_a_grace_period_needs_only_an_instalment_due_by_the_transfer():
    row = read_one(loan_status="In Grace Period", issue_month="May-2018")
    assert row.oldest_due == date(2018, 6, 1)
    assert list(quirks(row)) == []
