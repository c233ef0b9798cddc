"""Why something cannot be done with loans; every message says what to do next."""

from common.exceptions import BooksError


class BoardingError(Exception):
    """The file as a whole will not do; nothing was written."""


class BadLineError(Exception):
    """One line of the file will not do; the others are boarded."""


class CannotAccrueError(BooksError):
    """The days of a loan (its number, what is wrong) cannot be written anew."""

    message = "The interest of {0} cannot be written anew: {1}. Nothing was changed."


class NoSuchLoanError(BooksError):
    """No loan has this number."""

    message = "There is no loan {0}: check the number, or board the loan first."


class LoanEndedError(BooksError):
    """A loan (its number) has ended, for a reason, on a day (ISO)."""

    message = "Loan {0} has ended ({1} on {2}): what is agreed for it can no longer change."


class BadTermsError(BooksError):
    """Something cannot be agreed for a loan (its number), and why."""

    message = "Loan {0} cannot have that: {1}."


class BadIndexValueError(BooksError):
    """The value of an index (its code) on a day (ISO) cannot be entered, and why."""

    message = "The value of {0} on {1} is not entered: {2}."
