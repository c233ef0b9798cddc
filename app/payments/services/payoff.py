"""What pays a loan off on a day: read from a rehearsal of the nights until then, of which nothing is kept."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from loans.models import Loan
from loans.selectors import Balances, balances
from loans.selectors.running import running_loan
from payments.exceptions import BadEffectiveDateError, NotAccruedError
from payments.services.effects import interest_through


@dataclass(frozen=True, kw_only=True)
class PayoffQuote:
    """What a loan costs on a day, if nothing else happens to it until then.

    Args:
        loan: the loan.
        on: the day; its own interest is included (settled rule 5).
        balances: what will be owed then, in dollars.
    """

    loan: Loan
    on: date
    balances: Balances

    @property
    def amount(self) -> Decimal:
        """What ends the loan, in dollars."""
        return self.balances.owed


def payoff_quote(*, loan_number: str, on: date, today: date) -> PayoffQuote:
    """Quote a payoff; the caller has the tenant's books to itself (`common.books.books_transaction`).

    Args:
        loan_number: the loan.
        on: the day it is to be paid off, today or later.
        today: the business date.

    Raises:
        NoSuchLoanError, LoanEndedError: there is no such loan, or no more.
        BadEffectiveDateError: the day is past.
        NotAccruedError: its interest up to the day cannot be computed.
    """
    loan = running_loan(loan_number)
    if on < today:
        raise BadEffectiveDateError(on.isoformat(), f"it is past, today is {today}: payoffs are quoted ahead")
    with interest_through(on, [loan.pk]) as lacking:
        for bad in lacking:
            raise NotAccruedError(bad.key, bad.reason)
        return PayoffQuote(loan=loan, on=on, balances=balances(on, [loan.pk])[loan.pk])
