"""The night's recurring payments: every instance that is due is made once, also when its night was missed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby

from django.db import transaction

from common.outcomes import BadItem, Outcome
from loans.selectors import Balances, balances
from loans.services.booking import Booking
from loans.services.chosen import chosen
from payments.models import Payment, SeriesInstance
from payments.selectors.occurrences import Occurrence, occurrences
from payments.services.effects import interest_through
from payments.services.posting import post_payments

PAUSED = "the series is paused"
NOTHING_OWED = "nothing is owed on the loan"


@transaction.atomic
def process_recurring_payments(
    *,
    business_date: date,
    run_id: int | None = None,
    due_at: datetime | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Make the payments that series have due, each effective on its own day, and no larger than what is owed.

    A loan whose interest is not known is left out with all its instances; a later night makes them. Repeated, it
    makes none.

    Args:
        business_date: the night; what is due on it, or rolls to it, is paid.
        run_id: the run in the ledger of runs; none when done by hand.
        due_at: when its window was due.
        only: the numbers of the loans to do; None means all.
    """
    booking = Booking(entry_date=business_date, run_id=run_id, due_at=due_at)
    scope, bad = chosen(only)
    counts, left_out = Counter(paid=0, skipped=0), {item.key: item for item in bad}
    for day, due in _steps(occurrences(business_date, scope)):
        with interest_through(day, [one.loan_id for one in due]) as lacking:
            left_out |= {item.key: item for item in lacking}
            owed = balances(day, [one.loan_id for one in due])
        made = _make([one for one in due if one.loan_number not in left_out], owed, booking)
        counts.update("skipped" if instance.skipped else "paid" for instance in made)
    return Outcome(counts=counts, quarantined=list[BadItem](left_out.values()))


def _steps(due: Sequence[Occurrence]) -> Iterator[tuple[date, list[Occurrence]]]:
    """Yield the occurrences by the day they are paid, and within a day so that each loan has one at most."""
    places, placed = Counter[tuple[int, date]](), list[tuple[date, int, Occurrence]]()
    for one in due:
        placed.append((one.paid_on, places[one.loan_id, one.paid_on], one))
        places[one.loan_id, one.paid_on] += 1
    placed.sort(key=lambda step: step[:2])
    for (day, _), step in groupby(placed, key=lambda step: step[:2]):
        yield day, [one for _, _, one in step]


def _make(due: Sequence[Occurrence], owed: dict[int, Balances], booking: Booking) -> list[SeriesInstance]:
    """Post the payments, and write for each instance what became of it."""
    instances, payments = list[SeriesInstance](), list[Payment]()
    for one in due:
        skipped = PAUSED if one.is_paused else "" if owed[one.loan_id].owed else NOTHING_OWED
        payment = None if skipped else _payment(one, owed[one.loan_id], booking)
        instances.append(
            SeriesInstance(
                series_id=one.series_id, due_date=one.due, payment=payment, skipped=skipped, due_at=booking.due_at
            )
        )
        payments += [payment] if payment else []
    post_payments(payments, booking=booking)
    SeriesInstance.objects.bulk_create(instances)
    return instances


def _payment(one: Occurrence, owed: Balances, booking: Booking) -> Payment:
    return Payment(
        reference=one.reference,
        loan_id=one.loan_id,
        amount=min(one.amount, owed.owed),
        effective_date=one.paid_on,
        source=Payment.Source.RECURRING,
        posted_on=booking.entry_date,
        due_at=booking.due_at,
    )
