"""Loans as the books know them: their terms, what changed since, and one row of interest for every day.

What has happened is append-only; `Loan` itself is never changed by a bulk job. A figure of a past day therefore
stays what it was, and a job that runs late reads what it would have read in time.
"""

from loans.models.plan import Instalment, Reopening
from loans.models.rates import (
    Forbearance,
    IndexValue,
    NonAccrual,
    Notice,
    Promo,
    RateIndex,
    RateReset,
    RateSegment,
    VariableTerms,
)
from loans.models.reconciliation import Break, Reconciliation
from loans.models.subledger import Accrual, Transaction
from loans.models.tape import TapeRow
from loans.models.terms import Borrower, Closure, Loan, Product, Waterfall

__all__ = [
    "Accrual",
    "Borrower",
    "Break",
    "Closure",
    "Forbearance",
    "IndexValue",
    "Instalment",
    "Loan",
    "NonAccrual",
    "Notice",
    "Product",
    "Promo",
    "RateIndex",
    "RateReset",
    "RateSegment",
    "Reconciliation",
    "Reopening",
    "TapeRow",
    "Transaction",
    "VariableTerms",
    "Waterfall",
]
