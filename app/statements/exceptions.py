"""Why a statement is not made, not read or not restored; every message says what to do next."""

from common.exceptions import BooksError


class NotADayOfIssueError(BooksError):
    """A cycle (its name) has no statements on a day (ISO)."""

    message = (
        "No {0} statements are issued on {1}: monthly ones are on the 1st, biweekly ones on the 1st and the "
        "15th, quarterly ones on the 1st of January, April, July and October."
    )


class NoSuchStatementError(BooksError):
    """A loan (its number) has no statement of a period that ends on a day (ISO)."""

    message = "Loan {0} has no statement through {1}: look at its statements in the admin for the days there are."


class StatementFileMissingError(BooksError):
    """The document of a statement (loan, period end) is not in the archive (its name) it was stored in."""

    message = (
        "The document of loan {0} through {1} is not in {2}: bring the file back from a backup, or let "
        "`statement --restore` make it again from the books."
    )


class StatementFileChangedError(BooksError):
    """The document of a statement (loan, period end) in an archive (its name) is not the one that was issued."""

    message = (
        "The document of loan {0} through {1} in {2} is not the one that was issued, its hash differs: bring "
        "the file back from a backup, or let `statement --restore` make it again from the books."
    )


class StatementNotRestoredError(BooksError):
    """A document (loan, period end) made again from the books is not the one that was issued."""

    message = (
        "Made again, the document of loan {0} through {1} is not the one that was issued: what it tells of was "
        "booked or corrected since. Nothing was stored; only a backup of the file has it."
    )


class CycleUnchangedError(BooksError):
    """A loan (its number) has the cycle already."""

    message = "Loan {0} has {1} statements already."
