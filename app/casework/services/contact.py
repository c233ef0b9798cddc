"""What people say of contacting a borrower, and what they did: entered by hand, obeyed by night and when sending."""

from datetime import date

from django.db import IntegrityError, transaction

from casework.exceptions import BadPreferenceError, FutureContactError
from casework.models import ContactAttempt, ContactPreference, Errand
from loans.exceptions import NoSuchLoanError
from loans.models import Loan


def prefer(*, loan_number: str, kind: str, starts_on: date, channel: str = "") -> ContactPreference:
    """Say that the borrower of a loan agrees to a channel, has opted out of it, or may not be contacted at all.

    It is about the borrower, so it holds for all their loans; who has opted out is not reached by an older consent.

    Args:
        loan_number: one of the borrower's loans.
        kind: one of `ContactPreference.Kind`.
        starts_on: the first day.
        channel: which one, where the kind is about one.

    Raises:
        NoSuchLoanError: no loan has the number.
        BadPreferenceError: it is said already, or the channel does not go with the kind.
    """
    borrower = _loan(loan_number).borrower
    is_of_one = kind in {ContactPreference.Kind.CONSENT, ContactPreference.Kind.OPT_OUT}
    if is_of_one != bool(channel):
        raise BadPreferenceError(loan_number, f"{kind} is about {'one channel: name it' if is_of_one else 'all'}")
    try:
        with transaction.atomic():
            return ContactPreference.objects.create(borrower=borrower, kind=kind, channel=channel, starts_on=starts_on)
    except IntegrityError as error:
        raise BadPreferenceError(loan_number, f"{_told(kind, channel)} is on record; end that first") from error


def end_preference(*, loan_number: str, kind: str, ends_on: date, channel: str = "") -> ContactPreference:
    """End what a borrower said.

    Args:
        loan_number: one of the borrower's loans.
        kind: one of `ContactPreference.Kind`.
        ends_on: its last day, included.
        channel: which one, where the kind is about one.

    Raises:
        NoSuchLoanError: no loan has the number.
        BadPreferenceError: nothing like that began by then and lasts.
    """
    borrower = _loan(loan_number).borrower
    lasting = ContactPreference.objects.filter(borrower=borrower, kind=kind, channel=channel, ends_on=None)
    found = lasting.filter(starts_on__lte=ends_on).first()
    if found is None:
        raise BadPreferenceError(loan_number, f"no {_told(kind, channel)} began by {ends_on} and lasts")
    found.ends_on = ends_on
    found.save(update_fields=["ends_on"])
    return found


@transaction.atomic
def log_contact(
    *, loan_number: str, channel: str, made_on: date, today: date, reached: bool = False, made_by: str = ""
) -> ContactAttempt:
    """Log an attempt to reach a borrower, and close the errands that asked for one.

    Args:
        loan_number: the loan it was about.
        channel: one of `Channel`.
        made_on: when.
        today: the business date.
        reached: whether there was a conversation; after one by telephone there is no call for 7 days.
        made_by: who tried.

    Raises:
        NoSuchLoanError: no loan has the number.
        FutureContactError: the day is still to come.
    """
    if made_on > today:
        raise FutureContactError(loan_number, made_on.isoformat())
    loan = _loan(loan_number)
    errands = Errand.objects.filter(notice__loan=loan, channel=channel, done_on=None, made_on__lte=made_on)
    errands.update(done_on=made_on, done_by=made_by)
    return ContactAttempt.objects.create(loan=loan, channel=channel, made_on=made_on, reached=reached, made_by=made_by)


def _told(kind: str, channel: str) -> str:
    return f"{kind} {channel}".strip()


def _loan(number: str) -> Loan:
    loan = Loan.objects.select_related("borrower").filter(number=number).first()
    if loan is None:
        raise NoSuchLoanError(number)
    return loan
