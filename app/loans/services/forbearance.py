"""Forbearance granted, and extended; the night ends it (`loans.services.forbearance_expiry`)."""

from datetime import date, timedelta

from django.db import transaction

from loans.exceptions import BadTermsError
from loans.models import Forbearance
from loans.selectors.running import running_loan
from loans.services.booking import Booking
from loans.services.correction import change_past

ONE_DAY = timedelta(days=1)
Arrears = Forbearance.Arrears


@transaction.atomic
def grant_forbearance(
    *,
    loan_number: str,
    starts_on: date,
    ends_on: date,
    booking: Booking,
    accrues: bool = True,
    arrears: str = Arrears.LUMP,
) -> Forbearance:
    """Ask for no payment for a while; granted for days that are over, it changes what they earned.

    Args:
        loan_number: the loan.
        starts_on: the first day.
        ends_on: the last day, included.
        booking: who grants it, and on which business date.
        accrues: whether interest goes on.
        arrears: what becomes of what was not paid, one of `Forbearance.Arrears`.

    Raises:
        NoSuchLoanError, LoanEndedError: there is no such loan, or no more.
        BadTermsError: it would end before it starts, or one that starts on that day is granted already.
        CannotAccrueError, PeriodClosedError: as `reprice`.
    """
    loan = running_loan(loan_number)
    if ends_on < starts_on:
        raise BadTermsError(loan_number, f"it would end on {ends_on}, before it starts")
    terms = {"ends_on": ends_on, "accrues": accrues, "arrears": arrears}
    forbearance, is_new = Forbearance.objects.get_or_create(loan=loan, starts_on=starts_on, defaults=terms)
    if not is_new:
        raise BadTermsError(loan_number, f"a forbearance from {starts_on} on is granted already: extend that one")
    change_past(loan_ids=[loan.pk], after=starts_on, booking=booking, reprices=not accrues)
    return forbearance


@transaction.atomic
def extend_forbearance(*, loan_number: str, ends_on: date, booking: Booking) -> Forbearance:
    """Let a loan's forbearance last longer; on the day it was ended this still prevails, unless arrears have moved.

    Args:
        loan_number: the loan; of several forbearances the one that lasts longest is extended.
        ends_on: the new last day, included.
        booking: who extends it, and on which business date.

    Raises:
        NoSuchLoanError, LoanEndedError: there is no such loan, or no more.
        BadTermsError: none runs, its arrears have moved, or it lasts as long already.
        CannotAccrueError, PeriodClosedError: as `reprice`.
    """
    loan = running_loan(loan_number)
    last = Forbearance.objects.filter(loan=loan).order_by("ends_on").last()
    if last is None or (last.ended_on and last.ended_on < booking.entry_date):
        raise BadTermsError(loan_number, "no forbearance runs that could be extended: grant one")
    if last.ended_on and last.arrears != Arrears.LUMP:
        raise BadTermsError(loan_number, f"its arrears have moved on {last.ended_on}: grant another forbearance")
    if ends_on <= last.ends_on:
        raise BadTermsError(loan_number, f"its forbearance lasts through {last.ends_on} already")
    # The row of the day after the last one was priced within it.
    priced_through, last.ends_on, last.ended_on = last.ends_on + ONE_DAY, ends_on, None
    last.save(update_fields=["ends_on", "ended_on"])
    change_past(loan_ids=[loan.pk], after=priced_through, booking=booking, reprices=not last.accrues)
    return last
