"""What operators say of a loan: that its days are paused, or that it is in default whatever is paid."""

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Q

from delinquency.exceptions import AlreadyFlaggedError, AlreadyPausedError, NotFlaggedError, NotPausedError
from delinquency.models import Flag, Pause
from delinquency.services.nights import ONE_DAY
from delinquency.services.rewriting import rewrite
from loans.selectors.running import running_loan
from loans.services.booking import Booking


@transaction.atomic
def pause(*, loan_number: str, starts_on: date, resumes_on: date | None, reason: str, booking: Booking) -> Pause:
    """Stop the count of a loan's days past due; nights that counted some of them already are done again.

    Args:
        loan_number: the loan's number.
        starts_on: the first day that does not count.
        resumes_on: the first day that counts again; None while nobody knows.
        reason: for people, e.g. the disaster.
        booking: who says so; its entry date is the processing date.

    Raises:
        NoSuchLoanError, LoanEndedError: there is nothing to pause.
        AlreadyPausedError: a pause of that loan holds on one of the days.
    """
    loan, overlapping = running_loan(loan_number), Q(resumes_on=None) | Q(resumes_on__gt=starts_on)
    if resumes_on:
        overlapping &= Q(starts_on__lt=resumes_on)
    if Pause.objects.filter(overlapping, loan=loan).exists():
        raise AlreadyPausedError(loan_number, starts_on.isoformat())
    made = Pause.objects.create(loan=loan, starts_on=starts_on, resumes_on=resumes_on, reason=reason)
    rewrite(loan_ids=[loan.pk], since=starts_on, booking=booking)
    return made


@transaction.atomic
def end_pause(*, loan_number: str, resumes_on: date, booking: Booking) -> Pause:
    """Let a loan's days past due count again; nights that did not count them are done again.

    Args:
        loan_number: the loan's number.
        resumes_on: the first day that counts.
        booking: who says so; its entry date is the processing date.

    Raises:
        NoSuchLoanError, LoanEndedError: there is nothing to resume.
        NotPausedError: no pause of that loan holds on the day before.
    """
    loan, running = running_loan(loan_number), Q(resumes_on=None) | Q(resumes_on__gte=resumes_on)
    found = Pause.objects.filter(running, loan=loan, starts_on__lt=resumes_on).first()
    if found is None:
        raise NotPausedError(loan_number, (resumes_on - ONE_DAY).isoformat())
    found.resumes_on = resumes_on
    found.save(update_fields=["resumes_on"])
    rewrite(loan_ids=[loan.pk], since=resumes_on, booking=booking)
    return found


def flag(*, loan_number: str, kind: str, starts_on: date) -> Flag:
    """Say that a loan is in default whatever is paid; the next night begins the default.

    Args:
        loan_number: the loan's number.
        kind: one of `Flag.Kind`.
        starts_on: the first day; the nights after it know.

    Raises:
        NoSuchLoanError, LoanEndedError: there is nothing to flag.
        AlreadyFlaggedError: it has that flag, or had it from that day on.
    """
    loan = running_loan(loan_number)
    try:
        with transaction.atomic():
            return Flag.objects.create(loan=loan, kind=kind, starts_on=starts_on)
    except IntegrityError as error:
        raise AlreadyFlaggedError(loan_number, kind) from error


def unflag(*, loan_number: str, kind: str, ends_on: date) -> Flag:
    """End a flag; the default it caused is cured once nothing is past due.

    Args:
        loan_number: the loan's number.
        kind: one of `Flag.Kind`.
        ends_on: its last day, included.

    Raises:
        NotFlaggedError: it has no such flag that began by then.
    """
    found = Flag.objects.filter(loan__number=loan_number, kind=kind, ends_on=None, starts_on__lte=ends_on).first()
    if found is None:
        raise NotFlaggedError(loan_number, kind, ends_on.isoformat())
    found.ends_on = ends_on
    found.save(update_fields=["ends_on"])
    return found
