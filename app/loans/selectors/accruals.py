"""Which loans lack interest, and since when."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import connection

from loans.models import Loan
from loans.scope import Scope

# A loan's rows follow each other day by day: whoever has the row of a day has all the earlier ones. The closed loans
# are looked up one by one, also among many: a join would read the rows of all their days.
_BEHIND = """
    SELECT loan.id, loan.number FROM loans_loan loan
    WHERE loan.accrues_from < %(day)s {of_loan}
        AND NOT EXISTS (
            SELECT FROM loans_closure closure WHERE closure.loan_id = loan.id
            AND closure.closed_on < %(day)s AND closure.reopened_on IS NULL {of_closure}
        )
        AND NOT EXISTS (
            SELECT FROM loans_accrual accrual WHERE accrual.loan_id = loan.id
            AND accrual.accrual_date = %(day)s AND accrual.component = 'interest'
            AND accrual.reversal_id IS NULL {of_accrual}
        )
    UNION ALL
    SELECT loan.id, loan.number FROM loans_loan loan JOIN loans_closure closure ON closure.loan_id = loan.id
    WHERE loan.accrues_from < closure.closed_on {of_loan}
        AND closure.closed_on < %(day)s AND closure.closed_on >= %(since)s AND closure.reopened_on IS NULL
        {of_closure}
        AND (
            SELECT TRUE FROM loans_accrual accrual WHERE accrual.loan_id = loan.id
            AND accrual.accrual_date = closure.closed_on AND accrual.component = 'interest'
            AND accrual.reversal_id IS NULL
        ) IS NULL
    LIMIT %(limit)s"""
#: So long after its end a loan's last rows are still missed.
CLOSED_LATELY = timedelta(days=100)


def loan_ids(numbers: Sequence[str]) -> dict[str, int]:
    """Return the ids of the loans with these numbers; a number that no loan has is left out."""
    return dict(Loan.objects.filter(number__in=numbers).values_list("number", "id"))


def behind(day: date, scope: Scope, *, limit: int | None = None) -> dict[int, str]:
    """Return id and number of the loans that lack the interest row of `day`, or of the earlier one they closed on."""
    statement = _BEHIND.format(
        of_loan=scope.of("loan.id"),
        of_closure=scope.of("closure.loan_id"),
        of_accrual=scope.of("accrual.loan_id"),
    )
    with scope.cursor() as cursor:
        cursor.execute(statement, {"day": day, "since": day - CLOSED_LATELY, "limit": limit, **scope.parameters})
        return dict(cursor.fetchall())


def first_missing_day(day: date, scope: Scope) -> date:
    """Return the earliest day on which somebody was behind, given that somebody is on `day`."""
    eve = day - timedelta(days=1)
    while behind(eve, scope, limit=1):
        day, eve = eve, eve - timedelta(days=1)
    return day


# Back from the newest day there is, a look-up each: rows follow each other day by day, and few loans lack the last. The
# look-up is a scalar subquery, for a join would be free to take the days in any order.
_LAST_ACCRUED = """
    SELECT loan.id, last.day FROM loans_loan loan
    CROSS JOIN (SELECT max(accrual_date) AS day FROM loans_accrual WHERE reversal_id IS NULL) newest
    CROSS JOIN LATERAL (
        SELECT newest.day - back AS day FROM generate_series(0, newest.day - loan.accrues_from - 1) back
        WHERE (
            SELECT TRUE FROM loans_accrual accrual WHERE accrual.accrual_date = newest.day - back
            AND accrual.loan_id = loan.id AND accrual.component = 'interest' AND accrual.reversal_id IS NULL
        )
        LIMIT 1
    ) last
    WHERE loan.id = ANY(%(loan_ids)s)"""


def last_accrued(loan_ids: Sequence[int]) -> dict[int, date]:
    """Return the last day of which each loan has its row of interest; a loan without any is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_ACCRUED, {"loan_ids": list(loan_ids)})
        return dict(cursor.fetchall())
