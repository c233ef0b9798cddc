"""The published tape's own instalments: the annuity payment rounded up, on all rows but the two its README names."""

import csv
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from common.money import ceiling_to_cents
from loans.schedule import level_payment

TAPE = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "loan_tape.csv"


@pytest.mark.skipif(not TAPE.exists(), reason="the published tape is not beside the checkout")
def test_every_instalment_but_two_is_the_annuity_payment_rounded_up():
    with TAPE.open() as lines:
        rows = list(csv.DictReader(lines))
    payments = {
        (rate, term): level_payment(1, [Fraction(rate) / 1200] * int(term))
        for rate, term in {(row["interest_rate"], row["term"]) for row in rows}
    }
    exact = {row["loan_number"]: int(row["loan_amount"]) * payments[row["interest_rate"], row["term"]] for row in rows}
    odd = {
        row["loan_number"]: (Decimal(row["installment"]), ceiling_to_cents(exact[row["loan_number"]]))
        for row in rows
        if Decimal(row["installment"]) != ceiling_to_cents(exact[row["loan_number"]])
    }
    assert len(rows) == 5000
    assert odd == {
        "LC001548": (Decimal("243.35"), Decimal("243.38")),
        "LC001968": (Decimal("830.93"), Decimal("851.82")),
    }
