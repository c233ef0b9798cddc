"""Why a file of loans cannot be boarded at all; every message says what to do next."""


class BoardingError(Exception):
    """The file as a whole will not do; nothing was written."""


class BadLineError(Exception):
    """One line of the file will not do; the others are boarded."""
