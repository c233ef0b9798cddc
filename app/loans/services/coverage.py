"""Since when payments cover each instalment: brought up to date by whatever posts or takes back payments."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from loans.models import Transaction
from loans.scope import Scope

Kind = Transaction.Kind

# What a loan's payments add up to at the close of each day on which one is effective, and the least they ever add up
# to from that day on: an instalment within that least is covered from then on for good. The last instalment is covered
# when nothing is owed, however much was paid: it takes the residue.
_CHANGED = f"""
    WITH paid AS (
        SELECT loan_id, effective_date, sum(-sum(principal + interest)) OVER (
            PARTITION BY loan_id ORDER BY effective_date
        ) AS covered
        FROM loans_transaction
        WHERE loan_id = ANY(%(loan_ids)s) AND kind IN ('{Kind.PAYMENT}', '{Kind.PAYMENT_REVERSAL}')
            AND reversal_id IS NULL
        GROUP BY loan_id, effective_date
    ),
    lasting AS (
        SELECT loan_id, effective_date, min(covered) OVER (
            PARTITION BY loan_id ORDER BY effective_date ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS covered
        FROM paid
    ),
    instalment AS (
        SELECT planned.id, planned.loan_id, planned.settled_on, planned.due_through - product.tolerance AS threshold,
               closure.closed_on,
               planned.number = max(planned.number) OVER (PARTITION BY planned.loan_id) AS is_last
        FROM loans_instalment planned
        JOIN loans_loan loan ON loan.id = planned.loan_id AND loan.id = ANY(%(loan_ids)s)
        JOIN loans_product product ON product.id = loan.product_id
        LEFT JOIN loans_closure closure ON closure.loan_id = planned.loan_id AND closure.reopened_on IS NULL
            AND closure.reason = 'fully paid' AND closure.loan_id = ANY(%(loan_ids)s)
        WHERE planned.loan_id = ANY(%(loan_ids)s) AND planned.superseded_on IS NULL
    ),
    settled AS (
        SELECT instalment.id, instalment.loan_id, instalment.threshold, instalment.settled_on AS before,
               least(instalment.closed_on, min(lasting.effective_date)) AS after
        FROM instalment LEFT JOIN lasting ON lasting.loan_id = instalment.loan_id
            AND lasting.effective_date >= %(since)s AND lasting.covered >= instalment.threshold
            AND NOT instalment.is_last
        WHERE instalment.settled_on IS NULL OR instalment.settled_on >= %(since)s
        GROUP BY instalment.id, instalment.loan_id, instalment.threshold, instalment.settled_on, instalment.closed_on
    ),
    changed AS (SELECT * FROM settled WHERE before IS DISTINCT FROM after)"""

_FOUND = f"{_CHANGED} SELECT id, after FROM changed"

# Apart from finding them: that joins whole tables, this looks single rows up.
_SETTLE = """
    UPDATE loans_instalment SET settled_on = changed.settled_on
    FROM unnest(%(ids)s::bigint[], %(dates)s::date[]) AS changed (id, settled_on)
    WHERE changed.id = loans_instalment.id"""

# The last instalment is opened again on the day from which payments no longer reach it, if that is after its closure.
_REOPEN_LAST = f"""
    {_CHANGED}
    INSERT INTO loans_reopening (instalment_id, settled_on, reopened_on)
    SELECT changed.id, changed.before, min(paid.effective_date)
    FROM changed JOIN instalment ON instalment.id = changed.id AND instalment.is_last
    JOIN paid ON paid.loan_id = changed.loan_id AND paid.effective_date > changed.before
        AND paid.covered < changed.threshold
    WHERE changed.after IS NULL OR changed.after > changed.before
    GROUP BY changed.id, changed.before
    RETURNING id"""

# Every stretch but the one that lasts, of the other instalments: from where the sum reaches them to where it does not.
_REWRITE = f"""
    {_CHANGED},
    reached AS (
        SELECT instalment.id, paid.effective_date, paid.covered >= instalment.threshold AS is_covered,
               lag(paid.covered >= instalment.threshold, 1, FALSE) OVER days AS was_covered
        FROM instalment JOIN paid ON paid.loan_id = instalment.loan_id AND NOT instalment.is_last
        WINDOW days AS (PARTITION BY instalment.id ORDER BY paid.effective_date)
    ),
    stretch AS (
        SELECT id, is_covered, effective_date AS settled_on, lead(effective_date) OVER (
            PARTITION BY id ORDER BY effective_date
        ) AS reopened_on
        FROM reached WHERE is_covered <> was_covered
    ),
    ended AS (
        SELECT id AS instalment_id, settled_on, reopened_on FROM stretch WHERE is_covered AND reopened_on IS NOT NULL
    ),
    wrong AS (
        DELETE FROM loans_reopening USING instalment
        WHERE instalment.id = loans_reopening.instalment_id AND NOT instalment.is_last
            AND (instalment_id, loans_reopening.settled_on, reopened_on) NOT IN (TABLE ended)
    )
    INSERT INTO loans_reopening (instalment_id, settled_on, reopened_on)
    SELECT * FROM ended WHERE NOT EXISTS (
        SELECT FROM loans_reopening known WHERE known.instalment_id = ended.instalment_id
        AND (known.settled_on, known.reopened_on) = (ended.settled_on, ended.reopened_on)
    )
    RETURNING id"""


def settle(*, loan_ids: Sequence[int], since: date) -> None:
    """Bring the instalments of these loans in step with payments that came in order, or with a new closure or plan.

    Args:
        loan_ids: the loans.
        since: the earliest effective date of what changed; what was covered before it stays so.
    """
    changed = _execute(_FOUND, loan_ids, since)
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, {"ids": [row[0] for row in changed], "dates": [row[1] for row in changed]})


def resettle(*, loan_ids: Sequence[int]) -> None:
    """Bring the instalments of these loans in step with payments that were taken back or came late.

    Args:
        loan_ids: the loans, of which any day may be covered otherwise than it was.
    """
    _execute(_REOPEN_LAST, loan_ids, date.min)
    _execute(_REWRITE, loan_ids, date.min)
    settle(loan_ids=loan_ids, since=date.min)


def _execute(statement: str, loan_ids: Sequence[int], since: date) -> list[Any]:
    """Run one of the statements over the loans' payments and instalments."""
    scope = Scope(list(loan_ids))
    with scope.cursor() as cursor:
        cursor.execute(statement, {"since": since, **scope.parameters})
        return list(cursor.fetchall())
