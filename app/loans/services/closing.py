"""The end of loans, and its undoing when the payment that brought it is taken back."""

from collections.abc import Sequence
from datetime import date

from django.db import connection

from loans.models import Closure
from loans.services.booking import Booking

_CLOSE = """
    INSERT INTO loans_closure (loan_id, closed_on, reason, due_at)
    SELECT loan.id, %(closed_on)s, %(reason)s, %(due_at)s FROM loans_loan loan
    WHERE loan.id = ANY(%(loan_ids)s) AND NOT EXISTS (
        SELECT FROM loans_closure closure WHERE closure.loan_id = loan.id AND closure.reopened_on IS NULL
    )
    ORDER BY loan.id"""


def close(*, loan_ids: Sequence[int], closed_on: date, reason: str, booking: Booking) -> int:
    """End loans that have not ended; return how many.

    Args:
        loan_ids: the loans.
        closed_on: the day whose row of interest is their last (settled rules 5 and 10).
        reason: one of `Closure.Reason`.
        booking: who does it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _CLOSE,
            {"loan_ids": list(loan_ids), "closed_on": closed_on, "reason": reason, "due_at": booking.due_at},
        )
        return int(cursor.rowcount)


def reopen(*, loan_ids: Sequence[int], reopened_on: date) -> int:
    """Let fully paid loans go on as if they had not ended; return how many did.

    Interest catches up by itself: the next night writes the days since, as of the principal that each of them had.

    Args:
        loan_ids: the loans.
        reopened_on: the day from which they go on.
    """
    ended = Closure.objects.filter(reason=Closure.Reason.FULLY_PAID, reopened_on=None)
    return ended.filter(loan__in=loan_ids).update(reopened_on=reopened_on)
