"""Why something cannot be booked, or a month not be closed; every message says what to do next."""

from common.exceptions import BooksError


class PeriodClosedError(BooksError):
    """A booking is dated (ISO) in a month whose books are closed, or before one."""

    message = "The books are closed through the month of {0}: date the entry in an open month."


class NoSuchPeriodError(BooksError):
    """A month (YYYY-MM) has no books."""

    message = "There are no books of {0}: nothing was booked in it or before it."


class PeriodNotEndedError(BooksError):
    """A month (YYYY-MM) cannot be closed on a day (ISO) that is not after its last one."""

    message = "The month {0} has not ended on {1}: close it after its last day."


class PeriodOrderError(BooksError):
    """A month cannot be closed before an earlier one (both YYYY-MM)."""

    message = "The month {0} cannot be closed before {1}: close that one first."


class PeriodAlreadyClosedError(BooksError):
    """A month (YYYY-MM) was closed before, on a day (ISO)."""

    message = "The month {0} was closed on {1}; there is nothing to do."


class PeriodNotReconciledError(BooksError):
    """A month (YYYY-MM) cannot be closed over differences (how many, the first of them)."""

    message = "The month {0} does not reconcile: {1} differences, the first: {2}. Book corrections, then close it."
