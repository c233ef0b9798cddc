"""Why something cannot be said of a loan; every message says what to do next."""

from common.exceptions import BooksError


class AlreadyPausedError(BooksError):
    """A loan (its number) is paused on a day from a date (ISO) on."""

    message = "The days of {0} are paused from {1} on already, or in part: end that pause first."


class NotPausedError(BooksError):
    """A loan (its number) is not paused on a day (ISO)."""

    message = "No pause of {0} holds on {1}: a forbearance is ended by itself."


class AlreadyFlaggedError(BooksError):
    """A loan (its number) has a flag (its kind)."""

    message = "{0} has the flag {1} already, or had it from that day on: end it first, or choose another day."


class NotFlaggedError(BooksError):
    """A loan (its number) has no flag (its kind) that began by a day (ISO)."""

    message = "{0} has no flag {1} that began by {2}: check its kind and the day."
