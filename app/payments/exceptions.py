"""Why a payment is not taken, or not taken back; every message says what to do next, and nothing was written."""

from common.exceptions import BooksError


class BadAmountError(BooksError):
    """An amount is not a positive number of cents."""

    message = "{0} is not an amount to pay: give dollars and whole cents above 0."


class CurrencyMismatchError(BooksError):
    """A payment in a currency (its code) that is not that of the books."""

    message = "The books are in {1}, and the payment is in {0}: convert it first."


class BadEffectiveDateError(BooksError):
    """An effective date (ISO) that cannot be, and why."""

    message = "The effective date cannot be {0}: {1}."


class LoanClosedError(BooksError):
    """A payment to a loan (its number) that was fully paid on a date (ISO)."""

    message = "Loan {0} was fully paid on {1}: send the money back, or post it to another loan."


class ReferenceUsedError(BooksError):
    """A reference was used before, for something else."""

    message = "{0} is the reference of another payment already ({1}): give this one a reference of its own."


class UnknownPaymentError(BooksError):
    """No payment has this reference."""

    message = "There is no payment {0}: check the reference."


class AlreadyReversedError(BooksError):
    """A payment (its reference) was taken back before, on a date (ISO), for another reason or as of another date."""

    message = "Payment {0} was taken back on {1} already ({2}): nothing is left to reverse."


class NotAccruedError(BooksError):
    """The interest of a loan (its number) up to a payment's date cannot be computed, and why."""

    message = "The interest of loan {0} is not known ({1}): correct the loan first."


class NothingToWaiveError(BooksError):
    """More was to be waived (of a loan or fee, how much) than is owed (how much)."""

    message = "Of {0}, {1} cannot be waived: {2} is owed. Waive no more than that."


class UnknownFeeError(BooksError):
    """No fee has this reference."""

    message = "There is no fee {0}: check the reference."


class NobodyCollectsError(BooksError):
    """A tenant (its schema name) has drafts (their submission's key) to send, and no company that collects them."""

    message = "The drafts {1} of {0} cannot leave without a company that collects: enter it in the admin again."
