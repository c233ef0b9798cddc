"""Why a portfolio, a rule or a snapshot cannot be as asked; every message says what to do next."""

from common.exceptions import BooksError


class NoSuchPortfolioError(BooksError):
    """No portfolio has this code, or id, or it is closed."""

    message = "There is no open portfolio {0}: check it, or open it with `portfolio open`."


class PortfolioExistsError(BooksError):
    """A portfolio (its code) was opened before."""

    message = "There is, or was, a portfolio {0}: choose another code."


class DefaultPortfolioError(BooksError):
    """The portfolio (its code) takes what no rule names."""

    message = "{0} takes the loans that no rule names and stays open: move them by rules."


class BadRuleError(BooksError):
    """A rule (its code) cannot be, for a reason."""

    message = "The rule {0} cannot be: {1}."


class NoSuchRuleError(BooksError):
    """No rule of this code is in force."""

    message = "No rule {0} is in force: check its code."


class SnapshotsDifferError(BooksError):
    """The snapshots of a night (ISO) do not add up to the general ledger, account by account (a text)."""

    message = (
        "The snapshots of {0} do not add up to the general ledger: {1}. Look at `daily-gl-reconciliation` of that day; "
        "once the books are right, `correct_snapshots` writes what differs anew, and `rerun` lets the night go on."
    )


class DayToComeError(BooksError):
    """A night (ISO) that has not come."""

    message = "{0} has not come yet: snapshots are of nights that were done."
