"""Variable rates: fixed at the look-back date, in force from the reset, told to the borrower in time."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from django.db import transaction

from common.outcomes import Outcome
from loans.adjustment import capped, fully_indexed
from loans.models import Instalment, Loan, Notice, RateReset, RateSegment, VariableTerms
from loans.scope import Scope
from loans.selectors.resets import DueReset, due_resets
from loans.services.booking import Booking
from loans.services.chosen import bad_loan, chosen
from loans.services.correction import change_past
from loans.services.plan import replan


@transaction.atomic
def adjust_variable_rates(
    *,
    business_date: date,
    due_at: datetime | None = None,
    run_id: int | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Fix every rate whose look-back date has come: its reset, its rate segment, a new plan, and a notice.

    The index is read as of reset less look-back; a value that is missing or stale is never replaced by an older one:
    the loan waits until it is there. The notice is of 12 CFR 1026.20(c): 60 to 120 days before the first payment at
    the new level, which a look-back of 45 days and a month to that payment make 75.

    Args:
        business_date: D.
        due_at: when the writing run's window was due; none when done by hand.
        run_id: that run.
        only: the numbers of the loans to do; None means all.
    """
    scope, quarantined = chosen(only)
    booking, fixed = Booking(entry_date=business_date, run_id=run_id, due_at=due_at), 0
    # A loan that was missed for long has several resets to fix, each from the rate that the one before it sets.
    while due := due_resets(business_date, scope):
        quarantined += [bad_loan(reset.number, reset.fault) for reset in due if reset.fault]
        good = sorted((reset for reset in due if not reset.fault), key=attrgetter("reset_on"))
        for reset_on, resets in groupby(good, key=attrgetter("reset_on")):
            _fix(list(resets), reset_on, booking)
        fixed += len(good)
        scope = Scope([reset.loan_id for reset in good])
    return Outcome(counts={"rates": fixed}, quarantined=quarantined)


def _fix(resets: Sequence[DueReset], reset_on: date, booking: Booking) -> None:
    """Fix resets of one day."""
    loan_ids, day = [reset.loan_id for reset in resets], booking.entry_date
    terms = VariableTerms.objects.in_bulk([reset.terms_id for reset in resets])
    rates = {reset.loan_id: _rate(reset, terms[reset.terms_id]) for reset in resets}
    RateSegment.objects.bulk_create(
        RateSegment(loan_id=loan_id, effective_from=reset_on, rate=rate) for loan_id, rate in rates.items()
    )
    change_past(loan_ids=loan_ids, after=reset_on, booking=booking)
    # The instalments that are due by the reset stay, and of a reset that comes late, those that are due already.
    before = _last_payments(loan_ids, reset_on)
    after = replan(loan_ids=loan_ids, since=max(reset_on, day), as_of=day - timedelta(days=1), planned_on=day)
    payments = {**before, **after}
    fixed = [_reset(reset, terms[reset.terms_id], rates[reset.loan_id], payments, booking) for reset in resets]
    RateReset.objects.bulk_create(fixed)
    Notice.objects.bulk_create(
        _notice(reset, one, before[reset.loan_id], booking) for reset, one in zip(resets, fixed, strict=True)
    )


def _rate(reset: DueReset, terms: VariableTerms) -> Decimal:
    indexed = fully_indexed(terms, reset.index_value)
    return capped(terms, indexed, previous=reset.previous, original=reset.original, is_first_reset=reset.is_first)


def _last_payments(loan_ids: Sequence[int], reset_on: date) -> dict[int, Decimal]:
    """Return the payment due at the reset or last before it; the one agreed where none is."""
    agreed = dict(Loan.objects.filter(id__in=loan_ids).values_list("id", "payment"))
    planned = Instalment.objects.filter(loan__in=loan_ids, superseded_on=None, due_date__lte=reset_on)
    return agreed | {one.loan_id: one.principal + one.interest for one in planned.order_by("due_date")}


def _reset(
    reset: DueReset, terms: VariableTerms, rate: Decimal, payments: Mapping[int, Decimal], booking: Booking
) -> RateReset:
    return RateReset(
        loan_id=reset.loan_id,
        reset_on=reset.reset_on,
        fixed_on=reset.fixed_on,
        index_value_id=reset.index_value_id,
        previous_rate=reset.previous,
        fully_indexed=fully_indexed(terms, reset.index_value),
        rate=rate,
        payment=payments[reset.loan_id],
        due_at=booking.due_at,
    )


def _notice(due: DueReset, reset: RateReset, payment_before: Decimal, booking: Booking) -> Notice:
    figures = {
        "index": due.index,
        "index_value": due.index_value,
        "published_on": due.published_on,
        "previous_rate": reset.previous_rate,
        "fully_indexed": reset.fully_indexed,
        "rate": reset.rate,
        "previous_payment": payment_before,
        "payment": reset.payment,
    }
    return Notice(
        loan_id=reset.loan_id,
        kind=Notice.Kind.RATE_CHANGE,
        noticed_on=booking.entry_date,
        about=reset.reset_on,
        details={name: str(figure) for name, figure in figures.items()},
        due_at=booking.due_at,
    )
