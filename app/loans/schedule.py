"""The level payment and the schedule that repays a loan with it, exact until each figure is rounded once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from common.money import Rounding, to_cents
from loans.daycount import MONTHLY, year_fraction


@dataclass(frozen=True, kw_only=True)
class RateFrom:
    """An annual rate and its `effective_from`: it prices the days after that date (settled rule 6)."""

    effective_from: date
    rate: Decimal


@dataclass(frozen=True, kw_only=True)
class Line:
    """One instalment: what is due, and the principal that remains after it."""

    interest: Decimal
    principal: Decimal
    balance: Decimal

    @property
    def payment(self) -> Decimal:
        """The instalment's amount."""
        return self.interest + self.principal


def period_factor(
    *, day_count: str, start: date, due: date, rates: Sequence[RateFrom], maturity: date | None = None
) -> Fraction:
    """Return what one unit of principal earns from `start` to `due`.

    A rate that changes within the period earns by actual days in the monthly conventions, never
    `year_fraction(start, change)`, and exactly as it counts in the others (settled rule 8).

    Args:
        rates: in order of date; the first is in force at `start`.
    """
    factor = Fraction(0)
    cuts = [start, *(min(max(segment.effective_from, start), due) for segment in rates[1:]), due]
    for segment, (begin, end) in zip(rates, pairwise(cuts), strict=True):
        if day_count in MONTHLY:
            years = year_fraction(day_count, start, due, maturity) * Fraction((end - begin).days, (due - start).days)
        else:
            years = year_fraction(day_count, begin, end)
        factor += Fraction(segment.rate) * years
    return factor


def level_payment(principal: Decimal | int, factors: Sequence[Fraction]) -> Fraction:
    """Return the equal payment that repays `principal`: P / Σ ∏ 1/(1+fᵢ), not yet rounded (settled rule 9).

    Args:
        factors: each period's real factor, from `period_factor`.
    """
    annuity, discount = Fraction(0), Fraction(1)
    for factor in factors:
        discount /= 1 + factor
        annuity += discount
    return Fraction(principal) / annuity


def amortise(
    *, principal: Decimal, factors: Sequence[Fraction], payment: Decimal, rounding: str = Rounding.HALF_EVEN
) -> Iterator[Line]:
    """Yield the instalments that repay `principal` with `payment`; the last one takes the residue.

    A payment above the level one ends the schedule early: no empty instalments follow. One that does not cover the
    interest repays nothing until the last.
    """
    balance = principal
    for left, factor in zip(range(len(factors) - 1, -1, -1), factors, strict=True):
        if not balance:
            return
        interest = to_cents(Fraction(balance) * factor, rounding)
        repaid = balance if not left else min(balance, max(payment - interest, Decimal("0.00")))
        balance -= repaid
        yield Line(interest=interest, principal=repaid, balance=balance)
