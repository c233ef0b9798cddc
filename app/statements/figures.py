"""The sums of a statement, from its lines."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from common.money import ZERO
from loans.models import Transaction
from statements.models import Statement
from statements.selectors.lines import ACCRUED, Line
from statements.selectors.owed import Balance

Kind = Transaction.Kind

#: Which sum each kind of line goes into; the sums on the right side of the balance are told without their sign.
ADDED = {
    Kind.BOARDING: "charges",
    Kind.DISBURSEMENT: "charges",
    # Interest becomes principal: it adds nothing.
    Kind.CAPITALISATION: "charges",
    ACCRUED: "interest",
    Kind.DEFERRED_INTEREST: "interest",
    Kind.FEE: "fees",
    Kind.FEE_REVERSAL: "fees",
}
TAKEN = {
    Kind.PAYMENT: "payments",
    Kind.PAYMENT_REVERSAL: "payments",
    Kind.WAIVER: "waived",
    Kind.CHARGE_OFF: "charged_off",
}
PAID = {Kind.PAYMENT, Kind.PAYMENT_REVERSAL}
SUMS = (*dict.fromkeys(ADDED.values()), *dict.fromkeys(TAKEN.values()), "adjustments")


def activity(lines: Iterable[Line], *, opening: Decimal, closing: Balance) -> dict[str, Decimal]:
    """Return the sums of a period by their names in `Statement`, which lead from the opening to the closing balance.

    Lines that count for an earlier day are adjustments. So is what no line of the period explains: what was booked
    since the statement before, with the date of an entry that should have been in it.

    Args:
        lines: of the period.
        opening: the balance at its beginning.
        closing: what the books say at its end.
    """
    sums = dict.fromkeys(SUMS, ZERO)
    for line in lines:
        if line.is_earlier:
            sums["adjustments"] += line.amount
        elif line.kind in ADDED:
            sums[ADDED[line.kind]] += line.amount
        else:
            sums[TAKEN[Kind(line.kind)]] -= line.amount
    sums["adjustments"] += closing.net - opening - total(sums)
    return sums


def total(sums: dict[str, Decimal]) -> Decimal:
    """Return what the sums of a period add to the balance."""
    added = sum((sums[name] for name in {*ADDED.values(), "adjustments"}), ZERO)
    return added - sum((sums[name] for name in set(TAKEN.values())), ZERO)


def booked_late(statement: Statement, lines: Iterable[Line]) -> Decimal:
    """Return what of a statement's adjustments none of its lines tells of."""
    return statement.closing - statement.opening - sum((line.amount for line in lines), ZERO)


def year_to_date(lines: Iterable[Line], before: dict[str, Decimal]) -> dict[str, Decimal]:
    """Return the sums since the beginning of the year: those before, and those of the lines booked in it."""
    sums = defaultdict[str, Decimal](lambda: ZERO, before)
    for line in lines:
        if not line.this_year:
            continue
        if line.kind in PAID:
            sums["paid_principal_ytd"] -= line.principal
            sums["paid_interest_ytd"] -= line.interest
            sums["paid_fees_ytd"] -= line.fees
        elif ADDED.get(line.kind) in {"interest", "fees"}:
            sums[f"{ADDED[line.kind]}_ytd"] += line.amount
    return dict(sums)


def spent(lines: Iterable[Line]) -> dict[str, Decimal]:
    """Return what the payments among lines were spent on, positive, in dollars."""
    paid = [line for line in lines if line.kind in PAID]
    return {name: -sum((getattr(line, name) for line in paid), ZERO) for name in ("principal", "interest", "fees")}


def days_past_due(statement: Statement) -> int:
    """Return for how many days the oldest instalment was past due on the day of issue."""
    issued_on = issue_date(statement)
    return (issued_on - statement.oldest_due).days if statement.oldest_due else 0


def issue_date(statement: Statement) -> date:
    """Return the day after the period."""
    return date.fromordinal(statement.period_end.toordinal() + 1)


def within(lines: Sequence[Line]) -> list[Line]:
    """Return the lines that were booked in the period."""
    return [line for line in lines if line.in_period]
