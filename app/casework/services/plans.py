"""Payment plans: agreed by people, looked at by the night until they are completed, broken or expired."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import connection, transaction

from casework.exceptions import BadPlanError, NoPlanError
from casework.judging import Progress, judge_plan
from casework.models import PaymentPlan, PlanInstalment
from casework.selectors.received import CHANGED_SINCE, accounts, night_parameters
from casework.services.promises import UNBOOKED
from common.outcomes import Outcome
from loans.scope import Scope
from loans.selectors.running import running_loan
from loans.services.chosen import bad_loan, chosen

Status = PaymentPlan.Status


@transaction.atomic
def make_plan(
    *,
    loan_number: str,
    instalments: Sequence[tuple[date, Decimal]],
    made_on: date,
    tolerance_days: int = 0,
    misses_allowed: int = 0,
    made_by: str = "",
) -> PaymentPlan:
    """Agree on a payment plan; while it runs, the loan is not dunned. The loan's terms and its days past due go on.

    Args:
        loan_number: the loan's number.
        instalments: the days, ascending, and the dollars to be paid by each.
        made_on: payments that count from this day on count for it.
        tolerance_days: so many days later is still in time.
        misses_allowed: so many missed instalments do not break it yet.
        made_by: who agreed to it.

    Raises:
        NoSuchLoanError, LoanEndedError: nothing can be agreed for the loan.
        BadPlanError: a plan of the loan runs already, or the instalments are none.
    """
    loan = running_loan(loan_number)
    if reason := _fault(instalments, made_on):
        raise BadPlanError(loan_number, reason)
    if PaymentPlan.objects.filter(loan=loan, status=Status.RUNNING).exists():
        raise BadPlanError(loan_number, "another one is running; withdraw that first")
    plan = PaymentPlan.objects.create(
        loan=loan, made_on=made_on, tolerance_days=tolerance_days, misses_allowed=misses_allowed, made_by=made_by
    )
    PlanInstalment.objects.bulk_create(
        PlanInstalment(plan=plan, number=number, due_on=due_on, amount=amount)
        for number, (due_on, amount) in enumerate(instalments, start=1)
    )
    return plan


def _fault(instalments: Sequence[tuple[date, Decimal]], made_on: date) -> str:
    """Return what is wrong with the instalments of a plan, or empty."""
    if not instalments or any(amount <= 0 for _, amount in instalments):
        return "it needs instalments, each of more than nothing"
    days = [made_on, *(due_on for due_on, _ in instalments)]
    if any(later < earlier for earlier, later in pairwise(days)):
        return f"its instalments are not one after another from {made_on} on"
    return ""


@transaction.atomic
def withdraw_plan(*, loan_number: str, withdrawn_on: date) -> PaymentPlan:
    """End the plan of a loan by hand, e.g. to agree on another.

    Args:
        loan_number: the loan's number.
        withdrawn_on: the business date.

    Raises:
        NoPlanError: none is running.
    """
    found = PaymentPlan.objects.filter(loan__number=loan_number, status=Status.RUNNING).first()
    if found is None:
        raise NoPlanError(loan_number)
    found.status, found.decided_on = Status.WITHDRAWN, withdrawn_on
    found.save(update_fields=["status", "decided_on"])
    return found


@transaction.atomic
def check_plans(
    *,
    business_date: date,
    due_at: datetime | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Look at the plans that run: what was paid, what was missed, and which are over, at which instalment.

    A completed plan is looked at again when a payment of it was taken back. Repeated, it changes nothing.

    Args:
        business_date: D; payments effective before it count, those taken back do not.
        due_at: when the run's window was due; none when done by hand.
        only: the numbers of the loans to do; all when None.
    """
    scope, bad = chosen(only)
    plans = {one.loan_id: one for one in _to_check(scope, business_date, due_at)}
    parts, over = list[PlanInstalment](), list[PaymentPlan]()
    for loan_id, account in accounts(list(plans), business_date=business_date, due_at=due_at).items():
        plan = plans[loan_id]
        if account.unbooked:
            bad.append(bad_loan(plan.loan.number, UNBOOKED.format(account.unbooked)))
            continue
        instalments = sorted(plan.instalments.all(), key=lambda one: one.number)
        progress = judge_plan(plan, instalments, account, business_date)
        parts += _note(instalments, progress, business_date)
        over += _end(plan, progress, business_date)
    return Outcome(counts=_keep(parts, over, business_date, due_at), quarantined=bad)


_TO_CHECK = f"""
    SELECT id FROM casework_paymentplan plan
    WHERE made_on < %(day)s {{of_loan}} AND (
        status = '{Status.RUNNING}'
        OR (status = '{Status.COMPLETED}' AND decided_on < %(day)s
            AND {CHANGED_SINCE.format(loan_id="plan.loan_id", since="plan.decided_on")}
            AND NOT EXISTS (
                SELECT FROM casework_paymentplan newer
                WHERE newer.loan_id = plan.loan_id AND newer.made_on > plan.made_on
            ))
    )"""


def _to_check(scope: Scope, business_date: date, due_at: datetime | None) -> list[PaymentPlan]:
    """Return the plans to look at, the newest of a loan last."""
    with connection.cursor() as cursor:
        statement = _TO_CHECK.format(of_loan=scope.of("loan_id"))
        cursor.execute(statement, {**night_parameters(business_date, due_at), **scope.parameters})
        ids = [pk for (pk,) in cursor.fetchall()]
    plans = PaymentPlan.objects.filter(pk__in=ids).select_related("loan").prefetch_related("instalments")
    return list(plans.order_by("made_on", "id"))


def _note(instalments: Sequence[PlanInstalment], progress: Progress, business_date: date) -> list[PlanInstalment]:
    """Write into the instalments which were paid and which were missed; return those that it changes."""
    changed = list[PlanInstalment]()
    for one in instalments:
        missed_on = (one.missed_on or business_date) if one.number in progress.missed else None
        now = (progress.paid_on.get(one.number), missed_on)
        if now != (one.paid_on, one.missed_on):
            one.paid_on, one.missed_on = now
            changed.append(one)
    return changed


def _end(plan: PaymentPlan, progress: Progress, business_date: date) -> list[PaymentPlan]:
    """Write into a plan whether it is over; return it if that changes it."""
    if plan.status == progress.status:
        return []
    plan.status, plan.failed_at = progress.status, progress.failed_at
    plan.decided_on = None if plan.status == Status.RUNNING else business_date
    return [plan]


_KEEP_PARTS = """
    UPDATE casework_planinstalment part SET paid_on = judged.paid_on, missed_on = judged.missed_on
    FROM unnest(%(ids)s::bigint[], %(paid_on)s::date[], %(missed_on)s::date[]) AS judged (id, paid_on, missed_on)
    WHERE part.id = judged.id"""

_KEEP_PLANS = """
    UPDATE casework_paymentplan plan
    SET status = judged.status, failed_at = judged.failed_at, decided_on = judged.decided_on, due_at = %(due_at)s
    FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(failed_at)s::smallint[], %(decided_on)s::date[])
        AS judged (id, status, failed_at, decided_on)
    WHERE plan.id = judged.id"""


def _keep_parts(parts: Sequence[PlanInstalment]) -> None:
    columns: dict[str, Any] = {
        "ids": [one.pk for one in parts],
        "paid_on": [one.paid_on for one in parts],
        "missed_on": [one.missed_on for one in parts],
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_PARTS, columns)


def _keep_plans(over: Sequence[PaymentPlan], due_at: datetime | None) -> None:
    columns: dict[str, Any] = {
        "ids": [one.pk for one in over],
        "statuses": [one.status for one in over],
        "failed_at": [one.failed_at for one in over],
        "decided_on": [one.decided_on for one in over],
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_PLANS, {**columns, "due_at": due_at})


def _keep(
    parts: Sequence[PlanInstalment], over: Sequence[PaymentPlan], business_date: date, due_at: datetime | None
) -> Mapping[str, int]:
    """Write what changed; return the counts of the job."""
    _keep_parts(parts)
    _keep_plans(over, due_at)
    ended = Counter(one.status for one in over)
    return {
        "paid": sum(one.paid_on is not None for one in parts),
        "missed": sum(one.missed_on == business_date for one in parts),
        **{status: ended[status] for status in (Status.COMPLETED, Status.BROKEN, Status.EXPIRED)},
    }
