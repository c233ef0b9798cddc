"""What is agreed about statements: how often they come, and whether on paper."""

from datetime import date

from django.db import transaction

from loans.exceptions import NoSuchLoanError
from loans.models import Loan
from statements.exceptions import CycleUnchangedError
from statements.models import DEFAULT_CYCLE, ElectronicConsent, StatementCycle


@transaction.atomic
def set_cycle(*, loan_number: str, cycle: str, business_date: date) -> StatementCycle:
    """Let a loan's statements come in another cycle, from the first period on that ends today or later.

    Periods that ended before are stated as they were to be, also when their night is still to be done.

    Args:
        loan_number: the loan.
        cycle: one of `Cycle`.
        business_date: today.

    Raises:
        NoSuchLoanError: there is no such loan.
        CycleUnchangedError: it has that cycle.
    """
    loan = _loan(loan_number)
    chosen = StatementCycle.objects.filter(loan=loan).order_by("-starts_on").first()
    if (chosen.cycle if chosen else DEFAULT_CYCLE) == cycle:
        raise CycleUnchangedError(loan_number, cycle)
    changed, _ = StatementCycle.objects.update_or_create(loan=loan, starts_on=business_date, defaults={"cycle": cycle})
    return changed


@transaction.atomic
def set_electronic(*, loan_number: str, electronic: bool, business_date: date) -> None:
    """Let a loan's borrower get documents by e-mail, which needs their consent (15 USC 7001(c)), or on paper again.

    Args:
        loan_number: the loan.
        electronic: by e-mail.
        business_date: today.

    Raises:
        NoSuchLoanError: there is no such loan.
    """
    borrower = _loan(loan_number).borrower
    if electronic:
        ElectronicConsent.objects.get_or_create(
            borrower=borrower, withdrawn_on=None, defaults={"given_on": business_date}
        )
    else:
        ElectronicConsent.objects.filter(borrower=borrower, withdrawn_on=None).update(withdrawn_on=business_date)


def _loan(number: str) -> Loan:
    try:
        return Loan.objects.select_related("borrower").get(number=number)
    except Loan.DoesNotExist:
        raise NoSuchLoanError(number) from None
