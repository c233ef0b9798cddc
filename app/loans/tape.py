"""Writes tapes of made-up loans, with the columns and the habits of the published one, for whoever has none."""

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from common.money import ZERO, ceiling_to_cents, to_cents
from loans.boarding.reading import DEFAULT_AS_OF, oldest_due
from loans.boarding.synthetic import synthetic_identity
from loans.boarding.values import CLOSED, COLUMNS, IDENTITY, MONTHS
from loans.grid import months_between
from loans.schedule import level_payment

_ISSUED = (date(2018, 1, 1), date(2018, 2, 1), date(2018, 3, 1))
_STATES = ("CA", "NY", "TX", "FL", "IL", "GA", "OH", "NJ", "PA", "VA", "NC", "MI", "AZ", "MD", "WA", "CO")
_PURPOSES = ("debt_consolidation", "credit_card", "other", "home_improvement", "major_purchase", "medical", "car")
_SUB_GRADES = [f"{grade}{n}" for grade in "ABCDEFG" for n in range(1, 6)]
#: How often of a thousand each status occurs.
_STATUSES = {
    "Current": 937,
    "Fully Paid": 45,
    "In Grace Period": 8,
    "Late (31-120 days)": 6,
    "Late (16-30 days)": 3,
    "Charged Off": 1,
}
#: The oldest unpaid instalment of a loan that was charged off; a fully paid one has paid as many.
_CLOSED_AFTER = 3


def write_tape(
    path: Path,
    *,
    rows: int,
    seed: int,
    identities: bool = False,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Write a tape as of 2018-06-30; the same seed gives the same bytes.

    Args:
        path: the CSV file; replaced when it exists.
        rows: how many loans.
        seed: of the random numbers.
        identities: say also who owes, made up.
        progress: called with the number of lines written since the last call.
    """
    with path.open("w", encoding="utf-8") as file:
        for line in tape_lines(rows=rows, seed=seed, identities=identities):
            file.write(line + "\n")
            if progress:
                progress(1)


def tape_lines(*, rows: int, seed: int, identities: bool = False) -> Iterator[str]:
    """Yield the lines of such a tape, the header first."""
    chance = random.Random(seed)  # noqa: S311 - the opposite of a secret.
    columns = [*COLUMNS, *(IDENTITY if identities else ())]
    yield ",".join(columns)
    for number in range(1, rows + 1):
        values = _whose(chance) | _what(f"SY{number:07}", chance)
        if identities:
            values |= _who(values, seed)
        yield ",".join(str(values[column]) for column in columns)


def _who(loan: Mapping[str, object], seed: int) -> dict[str, object]:
    """Return somebody who owes the loan."""
    identity = synthetic_identity(str(loan["loan_number"]), state=str(loan["state"]), seed=seed)
    return {**{column: getattr(identity, column) for column in IDENTITY}, "synthetic": "yes"}


def _whose(chance: random.Random) -> dict[str, object]:
    return {
        "state": chance.choice(_STATES),
        "homeownership": chance.choices(("MORTGAGE", "RENT", "OWN"), (48, 39, 13))[0],
        "annual_income": f"{chance.randrange(20, 200)}000.0",
        "loan_purpose": chance.choice(_PURPOSES),
        "application_type": chance.choices(("individual", "joint"), (85, 15))[0],
        "disbursement_method": chance.choices(("Cash", "DirectPay"), (93, 7))[0],
    }


def _what(loan_number: str, chance: random.Random) -> dict[str, object]:
    """Return a loan that has paid every instalment before its oldest unpaid one."""
    grade = min(int(chance.expovariate(0.1)), len(_SUB_GRADES) - 1)
    rate = Decimal("5.31") + Decimal("0.72") * grade
    amount, term = Decimal(chance.randrange(1_000, 40_001, 25)), chance.choices((36, 60), (7, 3))[0]
    issued_on, status = chance.choice(_ISSUED), chance.choices(list(_STATUSES), list(_STATUSES.values()))[0]
    payment = ceiling_to_cents(Fraction(amount) * _payment_of_one(rate, term))
    due = oldest_due(status=status, issued_on=issued_on, term=term, as_of=DEFAULT_AS_OF)
    paid = (months_between(issued_on, due) if due else _CLOSED_AFTER) - 1
    balance, interest = _after(paid, amount, rate, payment)
    principal = amount if status == "Fully Paid" else amount - balance
    late_fees = Decimal("15.00") if status == "Late (31-120 days)" else ZERO
    return {
        "loan_number": loan_number,
        "loan_amount": amount,
        "term": term,
        "interest_rate": rate,
        "installment": payment,
        "grade": _SUB_GRADES[grade][0],
        "sub_grade": _SUB_GRADES[grade],
        "issue_month": f"{MONTHS[issued_on.month - 1]}-{issued_on.year}",
        "loan_status": status,
        "balance": ZERO if status in CLOSED else balance,
        "paid_total": principal + interest + late_fees,
        "paid_principal": principal,
        "paid_interest": interest,
        "paid_late_fees": late_fees,
    }


def _after(instalments: int, balance: Decimal, rate: Decimal, payment: Decimal) -> tuple[Decimal, Decimal]:
    """Return the balance, and the interest paid, after some instalments."""
    paid = ZERO
    for _ in range(instalments):
        interest = to_cents(Fraction(balance * rate) / 1200)
        balance -= payment - interest
        paid += interest
    return balance, paid


@lru_cache
def _payment_of_one(rate: Decimal, term: int) -> Fraction:
    return level_payment(1, [Fraction(rate) / 1200] * term)
