"""What became of promises and plans, told from dates and amounts alone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from casework.models import PaymentPlan, PlanInstalment, Promise
from casework.selectors.received import Account
from common.money import ZERO


@dataclass(kw_only=True)
class Verdict:
    """What came in for a promise, in time."""

    paid: Decimal = ZERO
    kept_on: date | None = None

    @property
    def status(self) -> Promise.Status:
        """How the promise ended."""
        if self.kept_on:
            return Promise.Status.KEPT
        return Promise.Status.PARTIAL if self.paid else Promise.Status.BROKEN


def last_day(one: Promise) -> date:
    """Return the last effective date on which a payment keeps a promise."""
    return one.due_on + timedelta(days=one.tolerance_days)


def judge_promises(promises: Sequence[Promise], account: Account) -> Mapping[int, Verdict]:
    """Return the verdicts on a loan's promises, by id; no dollar counts for two of them.

    A payment counts for the promises in whose time it came, the one whose time ends first before the others. A loan
    that is paid off has kept what was still to be paid.

    Args:
        promises: all of the loan that were not withdrawn.
        account: what came in.
    """
    verdicts = {one.pk: Verdict() for one in promises}
    in_turn = sorted(promises, key=lambda one: (last_day(one), one.due_on, one.pk))
    for receipt in account.receipts:
        left = receipt.amount
        for one in in_turn:
            if one.made_on <= receipt.effective_date <= last_day(one):
                left -= _count(verdicts[one.pk], one.amount, left, receipt.effective_date)
    if account.paid_off_on:
        _keep_what_was_paid_off(verdicts, promises, account.paid_off_on)
    return verdicts


def _count(verdict: Verdict, promised: Decimal, left: Decimal, day: date) -> Decimal:
    """Count a payment for a promise; return how much of it."""
    taken = min(left, promised - verdict.paid)
    verdict.paid += taken
    if taken and verdict.paid == promised:
        verdict.kept_on = day
    return taken


def _keep_what_was_paid_off(verdicts: Mapping[int, Verdict], promises: Sequence[Promise], day: date) -> None:
    for one in promises:
        verdict = verdicts[one.pk]
        verdict.kept_on = verdict.kept_on or (day if one.made_on <= day <= last_day(one) else None)


@dataclass(kw_only=True)
class Progress:
    """How a plan stands on a night."""

    status: PaymentPlan.Status = PaymentPlan.Status.RUNNING
    failed_at: int | None = None
    #: By the instalment's number: when it was filled; and those that were not, in time.
    paid_on: dict[int, date] = field(default_factory=dict)
    missed: list[int] = field(default_factory=list)


def judge_plan(
    plan: PaymentPlan, instalments: Sequence[PlanInstalment], account: Account, business_date: date
) -> Progress:
    """Return how a plan stands on the night of a business date: payments fill its instalments in their order.

    Args:
        plan: the plan.
        instalments: its parts, in their order.
        account: what came in for the loan.
        business_date: an instalment is missed when its day and the tolerance are before it.
    """
    progress = Progress(paid_on=_filled(plan, instalments, account))
    for one in instalments:
        last = one.due_on + timedelta(days=plan.tolerance_days)
        if last < business_date and progress.paid_on.get(one.number, date.max) > last:
            progress.missed.append(one.number)
    unpaid = [one.number for one in instalments if one.number not in progress.paid_on]
    ends_on = instalments[-1].due_on + timedelta(days=plan.tolerance_days)
    if len(progress.missed) > plan.misses_allowed:
        progress.status, progress.failed_at = PaymentPlan.Status.BROKEN, progress.missed[plan.misses_allowed]
    elif not unpaid:
        progress.status = PaymentPlan.Status.COMPLETED
    elif ends_on < business_date:
        progress.status, progress.failed_at = PaymentPlan.Status.EXPIRED, unpaid[0]
    return progress


def _filled(plan: PaymentPlan, instalments: Sequence[PlanInstalment], account: Account) -> dict[int, date]:
    """Return when each instalment was filled, by its number."""
    paid, sums = ZERO, defaultdict[date, Decimal](lambda: ZERO)
    for receipt in account.receipts:
        if receipt.effective_date >= plan.made_on:
            paid += receipt.amount
            sums[receipt.effective_date] = paid
    filled, asked = dict[int, date](), ZERO
    for one in instalments:
        asked += one.amount
        days = [day for day, total in sums.items() if total >= asked]
        if account.paid_off_on and account.paid_off_on >= plan.made_on:
            days.append(account.paid_off_on)
        if days:
            filled[one.number] = min(days)
    return filled
