"""Why a record does not go into a Metro 2 file; every message says what to do next."""

from common.exceptions import TaskError


class Metro2Error(TaskError):
    """Base of them all."""


class FieldError(Metro2Error):
    """A value does not fit its field: the record's subject, segment, positions, field, value and what may stand there.

    A value that tells who somebody is arrives here hidden: messages are logged, identities are not.
    """

    message = (
        "{0}: {3} ({1}, positions {2}) cannot be {4}: it takes {5}. Correct it; until then the record is left out."
    )

    @property
    def subject(self) -> str:
        """The account number of the record, or the name of the record of its kind."""
        return str(self.args[0])


class MissingValueError(FieldError):
    """A field that must be filled is not."""

    message = "{0}: {3} ({1}, positions {2}) is missing: it takes {5}. Enter it; until then the record is left out."


class RecordTooLongError(Metro2Error):
    """The record of an account (its number) and its segments are longer (in characters) than a descriptor word says."""

    message = "{0}: the record would be {1} characters long, but 9999 is the most: report fewer J1 and J2 segments."


class MissingDueDateError(Metro2Error):
    """An account status (and a payment rating) begins a delinquency, but no due date was given to count it from."""

    message = (
        "Status {0} with payment rating {1!r} needs a date of first delinquency: give the due date of the oldest "
        "instalment that is, or was, unpaid."
    )


class UnknownStatusError(Metro2Error):
    """A status (and a payment rating) is none of Metro 2, or the status needs a rating and has none."""

    message = "{0!r} with payment rating {1!r} is no account status that history can tell: correct the stored record."
