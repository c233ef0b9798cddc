"""Why something cannot be booked; every message says what to do next."""

from common.exceptions import BooksError


class PeriodClosedError(BooksError):
    """A booking is dated (ISO) in a month whose books are closed."""

    message = "The books of the month of {0} are closed: date the entry in an open month."


class PeriodNotEndedError(BooksError):
    """A month (its first day, ISO) cannot be closed yet."""

    message = "The month of {0} has not ended on {1}: close it after its last day."


class PeriodNotReconciledError(BooksError):
    """A month (its first day, ISO) cannot be closed over differences."""

    message = "The month of {0} is not reconciled: {1}."
