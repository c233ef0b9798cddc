"""Why a fee cannot be defined; every message says what to do next."""

from common.exceptions import BooksError


class BadFeeError(BooksError):
    """A fee (its code, amount, months of a period) that cannot be."""

    message = "No fee {0!r} of {1} every {2} months: give a code of 1 to 12 letters, not `late`, and positive numbers."


class FeeScopeError(BooksError):
    """A fee is for neither a product nor a loan, or for both."""

    message = "A fee is for a product's loans or for one loan: name one of them."


class NoSuchProductError(BooksError):
    """No product has this code."""

    message = "There is no product {0}: check the code."


class FeeOverlapsError(BooksError):
    """A fee (its code) is defined already for days from a date (ISO) on."""

    message = "The fee {0} is defined already for days from {1} on: begin later, or end that one first."


class NoSuchFeeError(BooksError):
    """A fee (its code) is not charged on a day (ISO)."""

    message = "The fee {0} is not charged on {1}, or its end is set already: check its code and the day."
