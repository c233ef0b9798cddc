"""The end of forbearances: told in time, found on the day after the last one, and what then becomes of the arrears."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from django.conf import settings
from django.db import connection, transaction

from common.money import ZERO
from common.outcomes import Outcome
from loans import selectors
from loans.models import Accrual, Forbearance, Notice, Transaction
from loans.scope import Scope
from loans.services.booking import Booking, book
from loans.services.chosen import bad_loan, chosen
from loans.services.correction import change_past
from loans.services.plan import ALL, Fresh, defer, replan

ONE_DAY = timedelta(days=1)
Arrears = Forbearance.Arrears

# Whether the loan is in forbearance still after this one: by another that lasts longer, begins right after it, or ends
# with it and began later. Its terms then say what becomes of the arrears.
_GOES_ON = """
    EXISTS (
        SELECT FROM loans_forbearance other
        WHERE other.loan_id = forbearance.loan_id AND other.starts_on <= forbearance.ends_on + 1
            AND (other.ends_on, other.starts_on) > (forbearance.ends_on, forbearance.starts_on)
    )"""
_HAS_ENDED = """
    EXISTS (
        SELECT FROM loans_closure closure
        WHERE closure.loan_id = forbearance.loan_id AND closure.reopened_on IS NULL
    )"""

_OVER = f"""
    SELECT forbearance.id, forbearance.loan_id, loan.number, forbearance.ends_on, forbearance.arrears,
           {_GOES_ON} OR {_HAS_ENDED}
    FROM loans_forbearance forbearance JOIN loans_loan loan ON loan.id = forbearance.loan_id
    WHERE forbearance.ends_on < %(day)s AND forbearance.ended_on IS NULL {{of_loan}}
    ORDER BY forbearance.ends_on, forbearance.id"""

_TELL = f"""
    INSERT INTO loans_notice (loan_id, kind, noticed_on, about, details, due_at)
    SELECT forbearance.loan_id, '{Notice.Kind.FORBEARANCE_ENDING}', %(day)s, forbearance.ends_on,
           jsonb_build_object('arrears', forbearance.arrears), %(due_at)s
    FROM loans_forbearance forbearance
    WHERE forbearance.ends_on BETWEEN %(day)s AND %(day)s::date + %(notice_days)s AND forbearance.ended_on IS NULL
        AND NOT {_GOES_ON} AND NOT {_HAS_ENDED} {{of_loan}}
    ORDER BY forbearance.id
    ON CONFLICT (loan_id, kind, about) DO NOTHING"""

_CAPITALISED = """
    SELECT loan_id, %(end)s::date AS effective_date, interest AS principal, -interest AS interest, 0.00 AS fees,
           0.00 AS overpaid, 0.00 AS recovered, 'forbearance' AS reference
    FROM unnest(%(loan_ids)s, %(amounts)s) AS unpaid (loan_id, interest)"""


@transaction.atomic
def check_forbearance_expiry(
    *,
    business_date: date,
    due_at: datetime | None = None,
    run_id: int | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """End the forbearances whose last day is over, and tell of those that soon will be.

    What was not paid becomes principal, is due with the last instalment, or is due at once, as was agreed; the first
    two leave nothing past due. While another forbearance of the loan goes on, its arrears wait for the end of that.
    The interest that becomes principal is what the day after the last one finds unpaid, its own row included.

    Args:
        business_date: D.
        due_at: when the writing run's window was due; none when done by hand.
        run_id: that run.
        only: the numbers of the loans to do; None means all.
    """
    scope, quarantined = chosen(only)
    booking = Booking(entry_date=business_date, run_id=run_id, due_at=due_at)
    counts = Counter(ended=0, capitalised=0, deferred=0)
    for ends_on, over in groupby(_over(business_date, scope), key=attrgetter("ends_on")):
        outcome = _end(list(over), ends_on + ONE_DAY, booking)
        counts.update(outcome.counts)
        quarantined += outcome.quarantined
    return Outcome(counts={**counts, "told": _tell(scope, booking)}, quarantined=quarantined)


@dataclass(frozen=True, kw_only=True)
class _Over:
    id: int
    loan_id: int
    number: str
    ends_on: date
    arrears: str
    #: Whether its arrears are left alone: the loan has ended, or is in forbearance still.
    moves_nothing: bool


def _over(day: date, scope: Scope) -> list[_Over]:
    with connection.cursor() as cursor:
        cursor.execute(_OVER.format(of_loan=scope.of("forbearance.loan_id")), {"day": day, **scope.parameters})
        return [_Over(**dict(zip(_Over.__dataclass_fields__, row, strict=True))) for row in cursor.fetchall()]


def _tell(scope: Scope, booking: Booking) -> int:
    parameters = {
        "day": booking.entry_date,
        "due_at": booking.due_at,
        "notice_days": settings.MATINS_FORBEARANCE_NOTICE_DAYS,
        **scope.parameters,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TELL.format(of_loan=scope.of("forbearance.loan_id")), parameters)
        return int(cursor.rowcount)


def _end(over: Sequence[_Over], end: date, booking: Booking) -> Outcome:
    """End forbearances on their day; of a loan whose interest is not known, nothing."""
    agreed = defaultdict[str, list[int]](list)
    for one in over:
        if not one.moves_nothing:
            agreed[one.arrears].append(one.loan_id)
    late = _without_row(agreed[Arrears.CAPITALISE], end)
    capitalised = _capitalise([loan_id for loan_id in agreed[Arrears.CAPITALISE] if loan_id not in late], end, booking)
    day = booking.entry_date
    defer(loan_ids=agreed[Arrears.DEFER], since=end - ONE_DAY, as_of=day - ONE_DAY, planned_on=day)
    done = [one for one in over if one.moves_nothing or one.loan_id not in late]
    Forbearance.objects.filter(id__in=[one.id for one in done]).update(ended_on=end)
    Notice.objects.bulk_create(_notice(one, capitalised, booking) for one in done if not one.moves_nothing)
    reason = f"its interest is not written through {end}, so what is unpaid is not known: see its accrual"
    return Outcome(
        counts={"ended": len(done), "capitalised": len(capitalised), "deferred": len(agreed[Arrears.DEFER])},
        quarantined=[bad_loan(one.number, reason) for one in over if one not in done],
    )


def _without_row(loan_ids: Sequence[int], day: date) -> set[int]:
    written = Accrual.objects.filter(loan__in=loan_ids, accrual_date=day, reversal=None)
    return set(loan_ids) - set(written.values_list("loan_id", flat=True))


def _capitalise(loan_ids: Sequence[int], end: date, booking: Booking) -> dict[int, Decimal]:
    """Let unpaid interest become principal, and all that is owed be spread over what is to come."""
    unpaid = {loan_id: amount for loan_id, amount in _unpaid_interest(loan_ids, end, booking).items() if amount}
    if unpaid:
        parameters = {"end": end, "loan_ids": list(unpaid), "amounts": list(unpaid.values())}
        book(_CAPITALISED, parameters, kind=Transaction.Kind.CAPITALISATION, booking=booking)
    change_past(loan_ids=list(unpaid), after=end, booking=booking)
    day = booking.entry_date
    replan(
        loan_ids=loan_ids,
        since=day - ONE_DAY,
        as_of=max(end, day - ONE_DAY),
        planned_on=day,
        clears_arrears=True,
        fresh=Fresh(on=end, amounts=dict.fromkeys(loan_ids, ALL)),
    )
    return unpaid


def _unpaid_interest(loan_ids: Sequence[int], end: date, booking: Booking) -> dict[int, Decimal]:
    """Return what was unpaid at the close of the last day, and the next row; but no more than still is.

    A payment of that next day may have paid it already: what a night does comes first by rule, not by the clock.
    """
    eve, now = (selectors.balances(day, loan_ids) for day in (end - ONE_DAY, booking.entry_date))
    rows = Accrual.objects.filter(loan__in=loan_ids, accrual_date=end, reversal=None).values_list("loan_id", "amount")
    return {loan_id: max(ZERO, min(eve[loan_id].interest + amount, now[loan_id].interest)) for loan_id, amount in rows}


def _notice(one: _Over, capitalised: Mapping[int, Decimal], booking: Booking) -> Notice:
    return Notice(
        loan_id=one.loan_id,
        kind=Notice.Kind.FORBEARANCE_ENDED,
        noticed_on=booking.entry_date,
        about=one.ends_on,
        details={"arrears": one.arrears, "capitalised": str(capitalised.get(one.loan_id, ZERO))},
        due_at=booking.due_at,
    )
