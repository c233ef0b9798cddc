"""Payments and their reversals take effect on their own dates, in order, as if each had been known in time.

What comes in late is a replay: the interest of the days after it is taken off the books, and so are the payments
effective later; then all of them take effect again, day by day, by the very statements that a night uses.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from django.db import connection, transaction

from delinquency.services import rewrite
from fees.services import reverse_fees_paid_in_time
from loans import selectors
from loans.models import Closure, NonAccrual, Transaction
from loans.services import closing, coverage, reaccrue, reverse_accruals
from loans.services.booking import Booking
from loans.services.superseding import supersede
from payments.services.effects import Item, take_effect

Kind = Transaction.Kind
Dates = Mapping[int, date]


@transaction.atomic
def put(items: Sequence[Item], *, booking: Booking) -> None:
    """Let payments and reversals take effect, in the order given where they are of one loan and day.

    Args:
        items: their payments are written; what is effective later is replayed.
        booking: who books; the entries bear its date, the movements their own (settled rule 14).

    Raises:
        NotAccruedError: a loan's interest up to an item's date cannot be computed.
        PeriodClosedError: the entries' month is closed.
    """
    if not items:
        return
    since = _first_dates(items)
    _replay(since, items, booking)
    _cover(since, items, booking)
    _follow({loan_id: day for loan_id, day in since.items() if day < booking.entry_date}, booking)


@transaction.atomic
def replay(since: Dates, *, booking: Booking) -> None:
    """Let what took effect after a date take effect again, because something else has changed the loan's past.

    Args:
        since: by loan id, the day after which it would have been different.
        booking: who changed it.

    Raises:
        NotAccruedError, PeriodClosedError: as `put`.
    """
    _replay(since, [], booking)
    coverage.resettle(loan_ids=list(since))
    _follow(since, booking)


def _follow(late: Dates, booking: Booking) -> None:
    """Do the judgements of the nights since again; where these change what is owed, payments are spent once more."""
    if late and _judge_again(late, booking):
        _replay(late, [], booking)
        coverage.resettle(loan_ids=list(late))


def _first_dates(items: Sequence[Item]) -> Dates:
    """Return the earliest date on which something changes, by loan."""
    ordered = sorted(items, key=lambda item: item.effective_date, reverse=True)
    return {item.loan_id: item.effective_date for item in ordered}


def _replay(since: Dates, items: Sequence[Item], booking: Booking) -> None:
    """Take off what came after the first change of each loan, and let it all take effect in order."""
    # A loan that is charged off earns nothing any more, and all it gets is recovered, in whatever order.
    over = Closure.objects.filter(loan__in=since, reason=Closure.Reason.CHARGED_OFF, reopened_on=None)
    lost = set(over.values_list("loan_id", flat=True))
    living = {loan_id: day for loan_id, day in since.items() if loan_id not in lost}
    had = selectors.last_accrued(list(living))
    late = {loan_id: last for loan_id, last in had.items() if last > living[loan_id]}
    _undo_ends(living, booking)
    for day, loan_ids in _by_date({loan_id: living[loan_id] for loan_id in late}):
        reverse_accruals(loan_ids=loan_ids, after=day, booking=booking)
    for day, step in _steps([*_take_off(living, booking), *items]):
        _accrue_again({item.loan_id: late[item.loan_id] for item in step if item.loan_id in late}, day, booking)
        take_effect(step, day, booking)
    _accrue_again(late, date.max, booking)


def _undo_ends(since: Dates, booking: Booking) -> None:
    """Let loans go on that ended after the first change; what takes effect again ends them again."""
    ended = Closure.objects.filter(loan__in=since, reason=Closure.Reason.FULLY_PAID, reopened_on=None)
    later = [end.loan_id for end in ended if end.closed_on > since[end.loan_id]]
    closing.reopen(loan_ids=later, reopened_on=booking.entry_date)


# The loans and the earliest day are said once more for Postgres, which else looks through all later days of each loan.
_LATER = f"""
    WITH later AS MATERIALIZED (
        SELECT movement.* FROM loans_transaction movement
        JOIN unnest(%(loan_ids)s::bigint[], %(since)s::date[]) AS asked (loan_id, since)
            ON asked.loan_id = movement.loan_id AND asked.since < movement.effective_date
        WHERE movement.loan_id = ANY(%(loan_ids)s) AND movement.effective_date > %(first)s
            AND movement.reversal_id IS NULL AND movement.kind IN ('{Kind.PAYMENT}', '{Kind.PAYMENT_REVERSAL}')
    )
    SELECT later.id, later.loan_id, later.effective_date, later.reference,
           CASE later.kind WHEN '{Kind.PAYMENT}' THEN payment.amount END AS amount
    FROM later JOIN payments_payment payment ON payment.reference = later.reference
    ORDER BY later.id"""


def _take_off(since: Dates, booking: Booking) -> list[Item]:
    """Take the payments off the books that came after the first change of each loan, and return them in order."""
    with connection.cursor() as cursor:
        dates = list(since.values())
        cursor.execute(_LATER, {"loan_ids": list(since), "since": dates, "first": min(dates, default=date.max)})
        later = cursor.fetchall()
    if later:
        supersede(movement_ids=[row[0] for row in later], booking=booking)
    return [Item(loan_id=row[1], effective_date=row[2], reference=row[3], amount=row[4]) for row in later]


def _by_date(dates: Dates) -> Iterator[tuple[date, list[int]]]:
    ordered = sorted(dates.items(), key=lambda one: one[1])
    for day, loans in groupby(ordered, key=lambda one: one[1]):
        yield day, [loan_id for loan_id, _ in loans]


def _steps(items: Sequence[Item]) -> Iterator[tuple[date, list[Item]]]:
    """Yield the items by day, and within a day so that each loan has one at most, in the order given."""
    steps, places = defaultdict[tuple[date, int], list[Item]](list), Counter[tuple[int, date]]()
    for item in items:
        key = (item.loan_id, item.effective_date)
        steps[item.effective_date, places[key]].append(item)
        places[key] += 1
    for day, place in sorted(steps):
        yield day, steps[day, place]


def _accrue_again(late: Dates, through: date, booking: Booking) -> None:
    """Write the days anew that were taken off: up to a day, and no further than each loan had them."""
    for last, loan_ids in _by_date(late):
        reaccrue(loan_ids=loan_ids, through=min(last, through), booking=booking)


def _cover(since: Dates, items: Sequence[Item], booking: Booking) -> None:
    """Bring the instalments in step with what was paid and what was taken back."""
    taken_back = {item.loan_id for item in items if item.amount is None}
    late = {loan_id for loan_id, day in since.items() if day < booking.entry_date}
    if changed := taken_back | late:
        coverage.resettle(loan_ids=list(changed))
    if timely := since.keys() - changed:
        coverage.settle(loan_ids=list(timely), since=booking.entry_date)


def _judge_again(late: Dates, booking: Booking) -> bool:
    """Do the nights' judgements again; return whether they changed what is owed, so that it must be replayed."""
    unpaid_days = _unpaid_days(late)
    for day, loan_ids in _by_date(late):
        rewrite(loan_ids=loan_ids, since=day, booking=booking)
    fees = reverse_fees_paid_in_time(loan_ids=list(late), booking=booking)
    return fees > 0 or _unpaid_days(late) != unpaid_days


def _unpaid_days(loan_ids: Dates) -> list[tuple[int, date, date | None]]:
    """Return the stretches in which loans earn nothing."""
    stretches = NonAccrual.objects.filter(loan__in=loan_ids).order_by("loan", "starts_on", "id")
    return list(stretches.values_list("loan_id", "starts_on", "ended_on"))
