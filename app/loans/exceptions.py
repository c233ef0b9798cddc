"""Why something cannot be done with loans; every message says what to do next."""

from common.exceptions import BooksError


class BoardingError(Exception):
    """The file as a whole will not do; nothing was written."""


class BadLineError(Exception):
    """One line of the file will not do; the others are boarded."""


class CannotAccrueError(BooksError):
    """The days of a loan (its number, what is wrong) cannot be written anew."""

    message = "The interest of {0} cannot be written anew: {1}. Nothing was changed."
