"""Why something cannot be done to a case, a promise, a plan or a borrower; every message says what to do next."""

from common.exceptions import BooksError


class NoSuchCaseError(BooksError):
    """No case has this number."""

    message = "There is no case {0}: look it up among the cases of its loan in the admin."


class CaseBusyError(BooksError):
    """Somebody else (of a case, by its number) does not let go of a row."""

    message = "Case {0} is being written just now, by the night or somebody else: try again in a minute."


class CaseOpenError(BooksError):
    """A loan (its number) has an open case of a kind (the kind, the case's number)."""

    message = "Loan {0} has an open case of that kind ({1}): work that one."


class WrongStatusError(BooksError):
    """Something (what it is) is not done with a case (its number) in its status."""

    message = "Case {0} is {1}, so it cannot be {2}: `work_case {0}` tells what happened to it."


class PastSnoozeError(BooksError):
    """A case (its number) was to sleep until a time (ISO) that has come."""

    message = "Case {0} cannot sleep until {1}: give a time that is still to come."


class CannotWorkError(BooksError):
    """An agent (their code) cannot be given a case (its number), and why."""

    message = "{0} cannot be given case {1}: {2}."


class NoSuchError(BooksError):
    """Something of a kind (its name in the admin) that has no row of a code."""

    message = "There is no {0} {1}: check its code, or define it first."


class BadArrangementError(BooksError):
    """Something (its name) cannot be arranged so, and why."""

    message = "{0} cannot be that: {1}."


class NoZoneError(BooksError):
    """Nobody knows the time of day in a state (as the post abbreviates it, or empty)."""

    message = "No time zone is known for the state {0!r}: enter the borrower's state in the admin."


class BadPromiseError(BooksError):
    """A promise of a loan (its number) cannot be kept on record, and why."""

    message = "Loan {0} cannot have that promise: {1}."


class NoPromiseError(BooksError):
    """A loan (its number) has no open promise for a day (ISO)."""

    message = "Loan {0} has no open promise by {1}: look at its promises in the admin."


class BadPlanError(BooksError):
    """A plan of a loan (its number) cannot be agreed, and why."""

    message = "Loan {0} cannot have that payment plan: {1}."


class NoPlanError(BooksError):
    """A loan (its number) has no payment plan that runs."""

    message = "Loan {0} has no payment plan that runs: look at its plans in the admin."


class BadStrategyError(BooksError):
    """A strategy (its code) cannot be what its file says, and why."""

    message = "Strategy {0} is not defined: {1}."


class BadPreferenceError(BooksError):
    """What a borrower (of a loan, by its number) is to have said of being contacted cannot be entered, and why."""

    message = "The borrower of {0} cannot have said that: {1}."


class FutureContactError(BooksError):
    """A contact with the borrower of a loan (its number) is entered for a day (ISO) that is not over."""

    message = "Nobody can have contacted the borrower of {0} on {1}: that day is still to come."


class NoAddressError(BooksError):
    """The borrower has nothing (what) to be reached by."""

    message = "The borrower has no {0}: enter one, or choose another channel."
