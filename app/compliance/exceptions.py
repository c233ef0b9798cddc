"""Why something of compliance is refused; every message says what to do next."""

from common.exceptions import BooksError, TaskError


class BadRuleError(BooksError):
    """A rule (its code) cannot be checked (what is wrong with its parameters)."""

    message = "Rule {0} cannot be checked: {1}. Correct it with `define_rule`."


class NoSuchRuleError(BooksError):
    """No rule has this id."""

    message = "There is no rule {0}: take its id from the admin."


class BadEngineError(BooksError):
    """An engine (its code) cannot be asked (what is wrong)."""

    message = "Engine {0} cannot be asked: {1}."


class BadLienError(BooksError):
    """Something cannot be said of a lien (its reference, what is wrong)."""

    message = "Lien {0}: {1}."


class BadDisputeError(BooksError):
    """Something cannot be said of a dispute (its reference, what is wrong)."""

    message = "Dispute {0}: {1}."


class BadLicenceError(BooksError):
    """A licence (its state and number) cannot be (what is wrong)."""

    message = "Licence {0}: {1}."


class BadStatusError(BooksError):
    """A status (the loan's number) cannot be (what is wrong)."""

    message = "Status of {0}: {1}."


class FeedsDownError(TaskError):
    """Outside monitors (what each of them met) could not be read; their cursors stay where they were."""

    message = (
        "Not every monitor could be read: {0}. The night's rules are checked all the same; the next try, or the next "
        "night, takes all that was reported since."
    )
