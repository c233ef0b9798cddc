"""Which fees are charged every period, as operators define, change and end them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from fees.exceptions import BadFeeError, FeeOverlapsError, FeeScopeError, NoSuchFeeError, NoSuchProductError
from fees.models import LATE, FeeDefinition
from loans.models import Product
from loans.selectors.running import running_loan

CODE_LENGTH = 12


@transaction.atomic
def define_fee(
    *,
    code: str,
    amount: Decimal,
    every_months: int,
    starts_on: date,
    product_code: str | None = None,
    loan_number: str | None = None,
    anchor: date | None = None,
    prorates: bool = True,
) -> FeeDefinition:
    """Charge a fee for every period from a day on; the same fee defined before ends the day before.

    A fee that is changed within a period was paid for it already: the new one begins with the next period.

    Args:
        code: what the fee is called, e.g. `servicing`; at most 12 characters.
        amount: dollars for a whole period.
        every_months: the length of a period.
        starts_on: the first day it is charged for.
        product_code: whose loans pay it; or
        loan_number: the one that pays it, in place of its product's fee of that code.
        anchor: a day on which a period begins; the loan's own anniversaries when None.
        prorates: whether what is left of a first period is paid for.

    Raises:
        BadFeeError: no such fee can be.
        FeeScopeError: it is for neither or both.
        NoSuchProductError, NoSuchLoanError, LoanEndedError: it is for nothing.
        FeeOverlapsError: it is defined for a later day, or ended later, already.
    """
    if not 0 < len(code) <= CODE_LENGTH or code == LATE or amount <= 0 or every_months <= 0:
        raise BadFeeError(code, amount, every_months)
    scope = _scope(product_code, loan_number)
    same = FeeDefinition.objects.filter(code=code, **scope)
    predecessor = same.filter(ends_on=None, starts_on__lt=starts_on).first()
    if predecessor:
        _end(predecessor, starts_on - timedelta(days=1))
    if same.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on)).exists():
        raise FeeOverlapsError(code, starts_on.isoformat())
    return FeeDefinition.objects.create(
        code=code,
        **scope,
        amount=amount,
        every_months=every_months,
        anchor=anchor,
        prorates=prorates and predecessor is None,
        starts_on=starts_on,
    )


def end_fee(
    *, code: str, ends_on: date, product_code: str | None = None, loan_number: str | None = None
) -> FeeDefinition:
    """End a fee; what is assessed stays.

    Args:
        code: what the fee is called.
        ends_on: the last day on which a period of it may begin.
        product_code: whose loans pay it; or
        loan_number: the one that pays it.

    Raises:
        FeeScopeError: it is for neither or both.
        NoSuchProductError, NoSuchLoanError, LoanEndedError: it is for nothing.
        NoSuchFeeError: it is not charged on that day, or has ended.
    """
    same = FeeDefinition.objects.filter(code=code, **_scope(product_code, loan_number))
    definition = same.filter(ends_on=None, starts_on__lte=ends_on).first()
    if definition is None:
        raise NoSuchFeeError(code, ends_on.isoformat())
    return _end(definition, ends_on)


def _scope(product_code: str | None, loan_number: str | None) -> dict[str, Any]:
    """Return the product, or the loan, that a definition is for."""
    if (product_code is None) == (loan_number is None):
        raise FeeScopeError
    if loan_number is not None:
        return {"loan": running_loan(loan_number), "product": None}
    product = Product.objects.filter(code=product_code).first()
    if product is None:
        raise NoSuchProductError(product_code)
    return {"product": product, "loan": None}


def _end(definition: FeeDefinition, ends_on: date) -> FeeDefinition:
    definition.ends_on = ends_on
    definition.save(update_fields=["ends_on"])
    return definition
