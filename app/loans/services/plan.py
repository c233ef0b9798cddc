"""New plans for loans that have one: the instalments to come, level again, or with the missed ones at their end."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db import connection

from common.money import ZERO, to_cents
from loans import selectors
from loans.models import Instalment, Loan, Transaction
from loans.schedule import RateFrom, amortise, level_payment, period_factor
from loans.services.coverage import settle

Kind = Transaction.Kind

#: More than any balance: all of it.
ALL = Decimal("Infinity")

_OWED = f"""
    SELECT loan_id, sum(principal),
           -coalesce(sum(principal + interest) FILTER (
               WHERE kind IN ('{Kind.PAYMENT}', '{Kind.PAYMENT_REVERSAL}')
           ), 0)
    FROM loans_transaction
    WHERE loan_id = ANY(%(loan_ids)s) AND effective_date <= %(as_of)s AND reversal_id IS NULL
    GROUP BY loan_id"""


#: Principal and interest, in dollars.
Amounts = tuple[Decimal, Decimal]


@dataclass(kw_only=True)
class Plan:
    """A loan's instalments: those that stay, those that were missed, and those to come.

    Args:
        principal: owed.
        covered: what payments add up to; it counts for the instalments in their order.
    """

    loan: Loan
    principal: Decimal
    covered: Decimal
    kept: list[Instalment] = field(default_factory=list)
    missed: list[Instalment] = field(default_factory=list)
    coming: list[Instalment] = field(default_factory=list)
    #: What those to come are to be.
    amounts: list[Amounts] = field(default_factory=list)

    @property
    def due_through(self) -> Decimal:
        """The instalments that stay, added up."""
        return self.kept[-1].due_through if self.kept else ZERO

    @property
    def balance(self) -> Decimal:
        """The principal that the instalments to come repay: what is owed, once those that stay are paid as planned.

        What was paid ahead still counts for the next ones, so it is theirs to repay too.
        """
        ahead = max(ZERO, self.covered - self.due_through)
        return self.principal + ahead - sum((self._unpaid_principal(one) for one in self.kept), ZERO)

    @property
    def payment(self) -> Decimal:
        """The next payment to come."""
        return self.coming[0].principal + self.coming[0].interest

    @property
    def is_changed(self) -> bool:
        """Whether it differs from what it was."""
        return bool(self.missed) or self.amounts != [(one.principal, one.interest) for one in self.coming]

    def place(self, instalment: Instalment, *, since: date, clears_arrears: bool) -> None:
        """Put an instalment, the oldest first, where it belongs."""
        if instalment.due_date > since:
            self.coming.append(instalment)
        elif clears_arrears and self.covered + self.loan.product.tolerance < instalment.due_through:
            self.missed.append(instalment)
        else:
            self.kept.append(instalment)

    def _unpaid_principal(self, instalment: Instalment) -> Decimal:
        """Return what is not paid of an instalment's principal; its interest is paid first."""
        return min(instalment.principal, max(ZERO, instalment.due_through - self.covered))


@dataclass(frozen=True, kw_only=True)
class Fresh:
    """Balances that earn interest only from a day on, in dollars by loan; what is not named has earned all along."""

    on: date
    amounts: Mapping[int, Decimal]


def replan(
    *,
    loan_ids: Sequence[int],
    since: date,
    as_of: date,
    planned_on: date,
    clears_arrears: bool = False,
    fresh: Fresh | None = None,
) -> dict[int, Decimal]:
    """Make what is still to come level again, at the balance and the rates of now (settled rule 9).

    A plan whose own payment still repays the loan as it says is kept to the cent.

    Args:
        loan_ids: the loans; one with nothing to come, or nothing to repay, keeps its plan.
        since: instalments due after it are replaced.
        as_of: the balance is that at the close of this day.
        planned_on: the business date of the new plan.
        clears_arrears: whether instalments that were due and not paid become part of what is to come.
        fresh: what of the balance was added within the first period to come.

    Returns:
        The level payment by loan.
    """
    plans = _plans(loan_ids, since=since, as_of=as_of, clears_arrears=clears_arrears)
    rates, payments = selectors.rates_in_force(loan_ids), dict[int, Decimal]()
    for plan in plans:
        factors = _factors(plan, rates[plan.loan.id], fresh)
        payments[plan.loan.id] = plan.payment
        plan.amounts = _amounts(plan, factors, plan.payment)
        if plan.is_changed:
            payments[plan.loan.id] = to_cents(level_payment(plan.balance, factors), plan.loan.product.rounding)
            plan.amounts = _amounts(plan, factors, payments[plan.loan.id])
    _replace(plans, planned_on)
    return payments


def defer(*, loan_ids: Sequence[int], since: date, as_of: date, planned_on: date) -> None:
    """Let what was due and not paid be due with the last instalment; the others stay as they are. See `replan`."""
    plans = [plan for plan in _plans(loan_ids, since=since, as_of=as_of, clears_arrears=True) if plan.missed]
    for plan in plans:
        plan.amounts = list(_deferred(plan))
    _replace(plans, planned_on)


def _plans(loan_ids: Sequence[int], *, since: date, as_of: date, clears_arrears: bool) -> list[Plan]:
    plans = _owed(loan_ids, as_of)
    current = Instalment.objects.filter(loan__in=loan_ids, superseded_on=None).order_by("loan", "number")
    for instalment in current:
        if plan := plans.get(instalment.loan_id):
            plan.place(instalment, since=since, clears_arrears=clears_arrears)
    return [plan for plan in plans.values() if plan.coming and plan.balance > 0]


def _owed(loan_ids: Sequence[int], as_of: date) -> dict[int, Plan]:
    loans = Loan.objects.select_related("product").in_bulk(loan_ids)
    with connection.cursor() as cursor:
        cursor.execute(_OWED, {"loan_ids": list(loan_ids), "as_of": as_of})
        return {
            loan_id: Plan(loan=loans[loan_id], principal=principal, covered=covered)
            for loan_id, principal, covered in cursor.fetchall()
        }


def _factors(plan: Plan, rates: Sequence[RateFrom], fresh: Fresh | None) -> list[Fraction]:
    """Return the real factor of every period to come; what is fresh earns only from its day on."""
    factors = [_factor(plan, one, rates) for one in plan.coming]
    if fresh:
        first, whole = plan.coming[0], Fraction(plan.balance)
        late = Fraction(min(fresh.amounts.get(plan.loan.id, ZERO), plan.balance))
        part = _factor(plan, first, _from(first.period_start, fresh.on, rates))
        factors[0] = ((whole - late) * factors[0] + late * part) / whole
    return factors


def _factor(plan: Plan, instalment: Instalment, rates: Sequence[RateFrom]) -> Fraction:
    return period_factor(
        day_count=plan.loan.product.day_count,
        start=instalment.period_start,
        due=instalment.due_date,
        rates=rates,
        maturity=plan.coming[-1].due_date,
    )


def _from(start: date, day: date, rates: Sequence[RateFrom]) -> list[RateFrom]:
    """Return rates that earn nothing before a day."""
    later = (RateFrom(effective_from=max(one.effective_from, day), rate=one.rate) for one in rates)
    return [RateFrom(effective_from=start, rate=ZERO), *later]


def _amounts(plan: Plan, factors: Sequence[Fraction], payment: Decimal) -> list[Amounts]:
    lines = amortise(principal=plan.balance, factors=factors, payment=payment, rounding=plan.loan.product.rounding)
    return [(line.principal, line.interest) for line in lines]


def _deferred(plan: Plan) -> Iterator[Amounts]:
    """Yield the instalments to come, the last one with all that was missed."""
    *others, last = plan.coming
    late = [last, *plan.missed]
    yield from ((one.principal, one.interest) for one in others)
    yield sum((one.principal for one in late), ZERO), sum((one.interest for one in late), ZERO)


def _replace(plans: Sequence[Plan], planned_on: date) -> None:
    """Put the new instalments in the place of the old ones, in step with what was paid."""
    changed = [plan for plan in plans if plan.is_changed]
    old = [instalment.pk for plan in changed for instalment in (*plan.missed, *plan.coming)]
    Instalment.objects.filter(pk__in=old).update(superseded_on=planned_on)
    Instalment.objects.bulk_create(instalment for plan in changed for instalment in _renewed(plan))
    settle(loan_ids=[plan.loan.id for plan in changed], since=date.min)


def _renewed(plan: Plan) -> Iterator[Instalment]:
    """Yield the instalments to come with their new amounts; they keep their numbers and days."""
    through = plan.due_through
    for old, (principal, interest) in zip(plan.coming, plan.amounts, strict=False):
        through += principal + interest
        yield Instalment(
            loan_id=old.loan_id,
            number=old.number,
            period_start=old.period_start,
            due_date=old.due_date,
            principal=principal,
            interest=interest,
            due_through=through,
        )
