"""Facts that operators enter: disputes, licences, and the status of a borrower that no monitor has told."""

from datetime import date, timedelta

from django.db import transaction

from compliance.exceptions import BadDisputeError, BadLicenceError, BadStatusError
from compliance.models import Dispute, Licence, Report
from loans.exceptions import NoSuchLoanError
from loans.models import Loan

#: Days for the answer, counted from the receipt (15 U.S.C. 1681i(a)(1)).
DAYS_TO_ANSWER = 30


def record_dispute(*, reference: str, loan_number: str, received_on: date, due_on: date | None = None) -> Dispute:
    """Open a dispute.

    Args:
        reference: the dispute's own.
        loan_number: the loan that it is about.
        received_on: the day it came.
        due_on: the last day for the answer; 30 days later by default.

    Raises:
        NoSuchLoanError: there is nothing to dispute.
        BadDisputeError: it is there already, or is due before it came.
    """
    loan, due_on = _loan(loan_number), due_on or received_on + timedelta(days=DAYS_TO_ANSWER)
    if due_on < received_on:
        raise BadDisputeError(reference, f"it cannot be due on {due_on}, before it was received")
    if Dispute.objects.filter(reference=reference).exists():
        raise BadDisputeError(reference, "it is there already: answer it, or choose another reference")
    return Dispute.objects.create(reference=reference, loan=loan, received_on=received_on, due_on=due_on)


@transaction.atomic
def answer_dispute(*, reference: str, answered_on: date) -> Dispute:
    """Close a dispute; the next night resolves what was found of it.

    Args:
        reference: the dispute's own.
        answered_on: the day the answer went out.

    Raises:
        BadDisputeError: there is no such dispute, or it came later, or it was answered on another day.
    """
    dispute = Dispute.objects.select_for_update(no_key=True).filter(reference=reference).first()
    if dispute is None:
        raise BadDisputeError(reference, "there is none: open it with --loan and --received")
    if answered_on < dispute.received_on:
        raise BadDisputeError(reference, f"it was received only on {dispute.received_on}")
    if dispute.answered_on not in (None, answered_on):
        raise BadDisputeError(reference, f"it was answered on {dispute.answered_on}")
    dispute.answered_on = answered_on
    dispute.save(update_fields=["answered_on"])
    return dispute


def record_licence(*, state: str, number: str, starts_on: date, expires_on: date) -> Licence:
    """Enter a licence or its renewal.

    Args:
        state: two letters.
        number: the state's own.
        starts_on: the first day.
        expires_on: the last day.

    Raises:
        BadLicenceError: it cannot be, or is there already with another last day.
    """
    name = f"{state} {number}"
    if len(state) != 2 or not state.isalpha() or not state.isupper():  # noqa: PLR2004 - a state's code
        raise BadLicenceError(name, "a state is two capital letters, e.g. CA")
    if expires_on < starts_on:
        raise BadLicenceError(name, f"it cannot end on {expires_on}, before it begins")
    licence, _ = Licence.objects.get_or_create(
        state=state, number=number, starts_on=starts_on, defaults={"expires_on": expires_on}
    )
    if licence.expires_on != expires_on:
        raise BadLicenceError(name, f"from {starts_on} it is there until {licence.expires_on}")
    return licence


def record_status(*, loan_number: str, status: str, since: date, until: date | None, today: date) -> Report:
    """Say that a loan's borrower has a status, as a monitor would; said again with `until` it ends.

    Args:
        loan_number: the loan's number.
        status: one of `Report.Status`.
        since: the first day.
        until: the last day; none while it lasts.
        today: the business date.

    Raises:
        NoSuchLoanError: no loan has that number.
        BadStatusError: it ends before it begins.
    """
    loan = _loan(loan_number)
    if until is not None and until < since:
        raise BadStatusError(loan_number, f"it cannot end on {until}, before it begins")
    return Report.objects.create(
        kind=Report.Kind.STATUS, matter=status, loan_number=loan.number, since=since, until=until, reported_on=today
    )


def end_status(*, loan_number: str, status: str, until: date, today: date) -> Report:
    """End the status that an operator said a borrower has.

    Args:
        loan_number: the loan's number.
        status: one of `Report.Status`.
        until: the last day.
        today: the business date.

    Raises:
        NoSuchLoanError: no loan has that number.
        BadStatusError: no such status began by then.
    """
    said = Report.objects.filter(engine=None, loan_number=loan_number, matter=status, since__lte=until)
    newest = said.order_by("-id").first()
    if newest is None:
        raise BadStatusError(loan_number, f"nobody here said that it is {status} by {until}; a monitor's ends there")
    return record_status(loan_number=loan_number, status=status, since=newest.since, until=until, today=today)


def _loan(number: str) -> Loan:
    loan = Loan.objects.filter(number=number).first()
    if loan is None:
        raise NoSuchLoanError(number)
    return loan
