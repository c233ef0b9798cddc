"""What operators enter of liens: filed, continued, insured, released."""

from datetime import date

from django.db import transaction

from compliance.exceptions import BadLienError
from compliance.models import Continuation, Lien
from loans.selectors.running import running_loan


def file_lien(*, reference: str, loan_number: str, kind: str, filed_on: date | None, collateral: str = "") -> Lien:
    """Record a lien; or of one that has no filing date yet, that date.

    Args:
        reference: the filing's or title's number.
        loan_number: the loan it secures.
        kind: one of `Lien.Kind`.
        filed_on: the day of the initial filing.
        collateral: for people.

    Raises:
        NoSuchLoanError, LoanEndedError: there is nothing to secure.
        BadLienError: it is there with another date, or for another loan.
    """
    loan = running_loan(loan_number)
    lien, is_new = Lien.objects.get_or_create(
        reference=reference, defaults={"loan": loan, "kind": kind, "filed_on": filed_on, "collateral": collateral}
    )
    if not is_new:
        if lien.loan_id != loan.pk or lien.kind != kind or lien.filed_on not in (None, filed_on):
            raise BadLienError(reference, f"it is there already, {lien.kind} filed on {lien.filed_on}: correct that")
        lien.filed_on = filed_on
        lien.save(update_fields=["filed_on"])
    return lien


@transaction.atomic
def continue_lien(*, reference: str, filed_on: date) -> Continuation:
    """Record a continuation statement as it was filed; whether it came in time is for the night to judge.

    Args:
        reference: the lien's.
        filed_on: the day of the continuation's filing.

    Raises:
        BadLienError: no such filing is continued.
    """
    lien = _lien(reference)
    if lien.kind == Lien.Kind.TITLE:
        raise BadLienError(reference, "a title does not expire, and is not continued")
    return Continuation.objects.get_or_create(lien=lien, filed_on=filed_on)[0]


@transaction.atomic
def insure(*, reference: str, insured_until: date) -> Lien:
    """Record the last day of the collateral's insurance.

    Raises:
        BadLienError: there is no such lien, or it is released.
    """
    return _set(reference, insured_until=insured_until)


@transaction.atomic
def release(*, reference: str, released_on: date) -> Lien:
    """Record the day on which a lien was released.

    Raises:
        BadLienError: there is no such lien, or it is released.
    """
    return _set(reference, released_on=released_on)


def _set(reference: str, **values: date) -> Lien:
    lien = _lien(reference)
    for name, value in values.items():
        setattr(lien, name, value)
    lien.save(update_fields=list(values))
    return lien


def _lien(reference: str) -> Lien:
    lien = Lien.objects.select_for_update(no_key=True).filter(reference=reference).first()
    if lien is None:
        raise BadLienError(reference, "there is none: record it with --loan and --on")
    if lien.released_on is not None:
        raise BadLienError(reference, f"it was released on {lien.released_on}")
    return lien
