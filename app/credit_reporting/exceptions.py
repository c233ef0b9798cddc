"""Why credit reporting refuses; every message says what to do next."""

from common.exceptions import TaskError


class CreditReportingError(TaskError):
    """Base of them all: nothing was written."""


class NoReporterError(CreditReportingError):
    """A tenant has not said who it is to the bureaus."""

    message = "This tenant reports to no bureau: set the reporter with `set_reporter` first."


class NoBureauError(CreditReportingError):
    """A reporter has no program id."""

    message = "No bureau would get a file: give the program id of one at least."


class BadReporterError(CreditReportingError):
    """A value of the reporter (what is wrong with it) will not do."""

    message = "The reporter cannot be set: {0}."


class MonthNotOverError(CreditReportingError):
    """A month (it, the day after it) is reported when it is over."""

    message = "{0} is reported from {1} on, when it is over."


class NotReportedError(CreditReportingError):
    """There is nothing to correct in a month (it)."""

    message = "{0} was not reported, so there is nothing to correct: write it first."


class AlreadyReportedError(CreditReportingError):
    """A month (it, its newest version) has been reported."""

    message = "{0} is reported already, in version {1}: use --correct to write a new version."


class FaultyRecordError(CreditReportingError):
    """A record (why, and what to do) is held back."""

    message = "{0}"
