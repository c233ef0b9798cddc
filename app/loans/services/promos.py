"""Promotions: granted, ended when their last day is over or before, and what deferred interest then costs."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction

from common.money import ZERO
from common.outcomes import BadItem, Outcome
from loans.exceptions import BadTermsError
from loans.models import Closure, Notice, Promo, RateSegment
from loans.selectors.running import running_loan
from loans.services.accrual import accrue_interest
from loans.services.booking import Booking
from loans.services.chosen import chosen
from loans.services.correction import change_past
from loans.services.deferred_interest import charge
from loans.services.plan import replan

Kind = Promo.Kind
#: Promotions per statement, where many end on one day.
BATCH = 1000

# The rate that was agreed before the promotion, or meanwhile: from the day of its end on, as every segment. Where one
# begins on that very day, it is that.
_AGREED_RATES = """
    INSERT INTO loans_ratesegment (loan_id, effective_from, rate)
    SELECT promo.loan_id, promo.ended_on, coalesce(meanwhile.rate, promo.standard_rate)
    FROM loans_promo promo
    LEFT JOIN LATERAL (
        SELECT rate FROM loans_ratesegment
        WHERE loan_id = promo.loan_id AND effective_from > promo.starts_on AND effective_from <= promo.ended_on
        ORDER BY effective_from DESC LIMIT 1
    ) meanwhile ON TRUE
    WHERE promo.id = ANY(%(promo_ids)s) ORDER BY promo.id
    ON CONFLICT (loan_id, effective_from) DO NOTHING"""


@transaction.atomic
def grant_promo(
    *, loan_number: str, rate: Decimal, starts_on: date, ends_on: date, booking: Booking, kind: str = Kind.RATE
) -> Promo:
    """Promise a loan a better rate for a while; of several at a time the lowest prevails.

    The daily interest reads promotions beside the agreed rates, so one may overlap another, or a reset, and begin on
    the loan's first day. The plan is made level again at the rates that are known now, the agreed one after the end.

    Args:
        loan_number: the loan.
        rate: a fraction of one a year; for deferred interest what is earned meanwhile, mostly 0.
        starts_on: it prices the days after this.
        ends_on: the last day, included.
        booking: who grants it, and on which business date.
        kind: one of `Promo.Kind`.

    Raises:
        NoSuchLoanError, LoanEndedError: there is no such loan, or no more.
        BadTermsError: it would be no promotion.
        CannotAccrueError, PeriodClosedError: as `reprice`.
    """
    loan = running_loan(loan_number)
    agreed = RateSegment.objects.filter(loan=loan, effective_from__lte=starts_on).order_by("effective_from").last()
    if agreed is None or (loan.accrues_from and starts_on < loan.accrues_from):
        raise BadTermsError(loan_number, f"no rate is in force on {starts_on} that could be improved")
    if ends_on < starts_on:
        raise BadTermsError(loan_number, f"it would end on {ends_on}, before it starts")
    if rate >= agreed.rate:
        raise BadTermsError(loan_number, f"a rate of {rate} is not below the agreed one, {agreed.rate}")
    terms = {"kind": kind, "rate": rate, "standard_rate": agreed.rate}
    promo, is_new = Promo.objects.get_or_create(loan=loan, starts_on=starts_on, ends_on=ends_on, defaults=terms)
    if not is_new:
        raise BadTermsError(loan_number, f"a promotion from {starts_on} to {ends_on} is granted already")
    change_past(loan_ids=[loan.pk], after=starts_on, booking=booking)
    _replan([promo], as_of=booking.entry_date, planned_on=booking.entry_date)
    return promo


@transaction.atomic
def end_promo(*, loan_number: str, starts_on: date, booking: Booking) -> Promo:
    """End a promotion before its last day: the agreed rate prices the days after the business date.

    Args:
        loan_number: the loan.
        starts_on: the promotion's first day.
        booking: who ends it, and on which business date.

    Raises:
        NoSuchLoanError, LoanEndedError: there is no such loan, or no more.
        BadTermsError: no such promotion runs, or the interest it deferred is not known.
    """
    loan = running_loan(loan_number)
    running = Promo.objects.filter(loan=loan, starts_on=starts_on, ended_on=None)
    promo = running.filter(ends_on__gte=booking.entry_date).order_by("ends_on").first()
    if promo is None:
        raise BadTermsError(loan_number, f"no promotion from {starts_on} on is running")
    promo.ended_on = booking.entry_date
    for bad in _end([promo], booking, as_of=booking.entry_date):
        raise BadTermsError(bad.key, bad.reason)
    return promo


@transaction.atomic
def check_promo_expirations(
    *,
    business_date: date,
    due_at: datetime | None = None,
    run_id: int | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """End the promotions whose last day is over: the agreed rate is in force from the day after it (settled rule 6).

    Deferred interest is charged if principal is still owed, else forfeited; what the last day earned, and days that
    are missing, are written first. A promotion ends on the day after its last one, whenever that is found.

    Args:
        business_date: D.
        due_at: when the writing run's window was due; none when done by hand.
        run_id: that run.
        only: the numbers of the loans to do; None means all.
    """
    scope, unknown = chosen(only)
    over = Promo.objects.filter(ends_on__lt=business_date, ended_on=None).select_related("loan").order_by("id")
    promos = list(over if scope.loan_ids is None else over.filter(loan__in=scope.loan_ids))
    for promo in promos:
        promo.ended_on = promo.ends_on + timedelta(days=1)
    booking = Booking(entry_date=business_date, run_id=run_id, due_at=due_at)
    left_out = _end(promos, booking, as_of=business_date - timedelta(days=1))
    late = {bad.key for bad in left_out}
    ended = sum(promo.loan.number not in late for promo in promos)
    return Outcome(counts={"promos": ended}, quarantined=[*unknown, *left_out])


def _end(promos: Sequence[Promo], booking: Booking, *, as_of: date) -> Sequence[BadItem]:
    """End promotions on the days they bear; return the loans that were left out."""
    running = _of_running_loans(promos)
    bad = _accrue([promo.loan.number for promo in running if promo.kind == Kind.DEFERRED_INTEREST], booking)
    late = {one.key for one in bad}
    Promo.objects.bulk_update(
        [promo for promo in promos if promo.loan.number not in late], ["ended_on"], batch_size=BATCH
    )
    running = [promo for promo in running if promo.loan.number not in late]
    deferred = [promo.pk for promo in running if promo.kind == Kind.DEFERRED_INTEREST]
    charged = charge(promo_ids=deferred, booking=booking)
    _return_to_agreed_rate(running)
    Notice.objects.bulk_create((_notice(promo, charged, booking) for promo in running), ignore_conflicts=True)
    _replan(running, as_of=as_of, planned_on=booking.entry_date)
    return bad


def _of_running_loans(promos: Sequence[Promo]) -> list[Promo]:
    closures = Closure.objects.filter(loan__in={promo.loan_id for promo in promos}, reopened_on=None)
    over = set(closures.values_list("loan_id", flat=True))
    return [promo for promo in promos if promo.loan_id not in over]


def _accrue(numbers: Sequence[str], booking: Booking) -> Sequence[BadItem]:
    """Write the rows that a charge is computed from; the night's own job then finds them written."""
    if not numbers:
        return []
    return accrue_interest(
        business_date=booking.entry_date, due_at=booking.due_at, run_id=booking.run_id, only=numbers
    ).quarantined


def _return_to_agreed_rate(promos: Sequence[Promo]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_AGREED_RATES, {"promo_ids": [promo.pk for promo in promos]})


def _replan(promos: Sequence[Promo], *, as_of: date, planned_on: date) -> None:
    """Make plans level at the rates that are now known; deferred interest is not planned: it may never be due."""
    loan_ids = list({promo.loan_id for promo in promos if promo.kind == Kind.RATE})
    replan(loan_ids=loan_ids, since=planned_on, as_of=as_of, planned_on=planned_on)


def _notice(promo: Promo, charged: Mapping[int, Decimal], booking: Booking) -> Notice:
    figures = {"promotion": promo.kind, "rate": promo.rate, "agreed_rate": promo.standard_rate}
    if promo.kind == Kind.DEFERRED_INTEREST:
        figures["charged"] = charged.get(promo.pk, ZERO)
    return Notice(
        loan_id=promo.loan_id,
        kind=Notice.Kind.PROMO_ENDED,
        noticed_on=booking.entry_date,
        about=promo.ends_on,
        details={name: str(figure) for name, figure in figures.items()},
        due_at=booking.due_at,
    )
