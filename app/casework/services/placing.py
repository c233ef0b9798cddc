"""Which loans have a case because they are behind, and which queue their rules put it in."""

from datetime import datetime
from typing import Any

from django.db import connection

from casework.models import Case, CaseEvent
from casework.services.opening import OPEN_AND_CLOSE, OPEN_THEN
from delinquency.selectors import DAYS_PAST_DUE
from delinquency.services.nights import of
from loans.scope import Scope
from loans.selectors.as_of import as_booked

#: A case does not go back to a queue it was in before it has been so many days where it is.
REST_DAYS = 7

# What is still within the product's grace, or paused from its first day on, is nobody's case.
_KEEP = f"""
    WITH behind AS MATERIALIZED (
        SELECT loan_id FROM ({DAYS_PAST_DUE}) known WHERE delinquent_days > 0 AND {of("loan_id")}
    ),
    opening AS (SELECT loan_id, NULL::bigint AS queue_id FROM behind),
    closing AS (
        SELECT open.id, CASE WHEN EXISTS (
                   SELECT FROM loans_closure closure WHERE closure.loan_id = open.loan_id
                   AND closure.closed_on < %(day)s AND closure.reopened_on IS NULL
               ) THEN 'the loan has ended' ELSE 'the loan is no longer behind' END AS note
        FROM casework_case open
        WHERE open.kind = %(kind)s AND open.closed_at IS NULL AND open.opened_at < %(at)s AND {of("open.loan_id")}
            AND NOT EXISTS (SELECT FROM behind WHERE behind.loan_id = open.loan_id)
    ),
    {OPEN_AND_CLOSE}
    SELECT count(*) FILTER (WHERE kind = '{CaseEvent.Kind.OPENED}'),
           count(*) FILTER (WHERE kind = '{CaseEvent.Kind.CLOSED}')
    FROM told"""

_OF_RULES = f"""
    SELECT subject.loan_id FROM casework_case subject
    WHERE subject.kind = %(kind)s AND {OPEN_THEN.format(case="subject")} AND {of("subject.loan_id")}"""

_FITTING = f"""
    SELECT subject.id, subject.queue_id AS current, coalesce(rule.queue_id, usual.id) AS target, rule.id AS rule_id
    FROM casework_case subject
    JOIN loans_loan loan ON loan.id = subject.loan_id
    JOIN loans_borrower borrower ON borrower.id = loan.borrower_id
    JOIN ({as_booked(Scope([]))}) owed ON owed.loan_id = loan.id
    LEFT JOIN (SELECT loan_id, dpd FROM ({DAYS_PAST_DUE}) known) behind ON behind.loan_id = loan.id
    LEFT JOIN casework_queue usual ON usual.is_default
    LEFT JOIN LATERAL (
        SELECT rule.id, rule.queue_id FROM casework_queuerule rule
        WHERE rule.starts_on <= %(day)s AND (rule.ends_on IS NULL OR rule.ends_on >= %(day)s)
            AND coalesce(behind.dpd, 0) >= rule.min_days
            AND (rule.max_days IS NULL OR coalesce(behind.dpd, 0) < rule.max_days)
            AND (rule.min_balance IS NULL OR owed.principal + owed.interest + owed.fees >= rule.min_balance)
            AND (rule.product_id IS NULL OR rule.product_id = loan.product_id)
            AND (rule.state = '' OR rule.state = borrower.state)
        ORDER BY rule.priority LIMIT 1
    ) rule ON TRUE
    WHERE subject.loan_id = ANY(%(loan_ids)s) AND subject.kind = %(kind)s
        AND {OPEN_THEN.format(case="subject")}"""

_MOVE = f"""
    WITH moving AS (
        SELECT * FROM ({_FITTING}) fitting WHERE target IS DISTINCT FROM current AND target IS NOT NULL
            AND NOT EXISTS (
                SELECT FROM casework_caseevent moved WHERE moved.case_id = fitting.id
                AND moved.kind = '{CaseEvent.Kind.QUEUED}' AND moved.at <= %(at)s
                HAVING bool_or(moved.queue_id = target)
                   AND max(moved.at) > %(at)s::timestamptz - make_interval(days => {REST_DAYS})
            )
    ),
    moved AS (
        UPDATE casework_case moved SET queue_id = moving.target FROM moving WHERE moved.id = moving.id
        RETURNING moved.id, moving.target, moving.rule_id
    ),
    told AS (
        INSERT INTO casework_caseevent (case_id, kind, at, by, note, queue_id, rule_id, due_at)
        SELECT id, '{CaseEvent.Kind.QUEUED}', %(at)s, '', '', target, rule_id, %(due_at)s FROM moved
    )
    SELECT count(*) FROM moved"""


def keep_cases(share: dict[str, Any], *, at: datetime) -> tuple[int, int]:
    """Open a case for every loan that is behind and has none, close those of the others; return both counts.

    Args:
        share: the parameters of the night's loans (`delinquency.services.nights.Share`).
        at: when the cases are opened and closed.
    """
    with connection.cursor() as cursor:
        kind, priority = Case.Kind.DELINQUENT, Case.Priority.NORMAL
        cursor.execute(_KEEP, {**share, "kind": kind, "priority": priority, "at": at})
        opened, closed = cursor.fetchone()
    return opened, closed


def move_cases(share: dict[str, Any], *, at: datetime) -> int:
    """Put the cases of loans that are behind into the queues that their rules give; return how many moved.

    The days and the balance are those of the night, and so are the rules. Where no rule fits, it is the default queue.
    Other cases stay where people or campaigns put them.

    Args:
        share: the parameters of the night's loans (`delinquency.services.nights.Share`).
        at: when they are put there.
    """
    parameters = {**share, "at": at, "kind": Case.Kind.DELINQUENT}
    with connection.cursor() as cursor:
        cursor.execute(_OF_RULES, parameters)
        loan_ids = [loan_id for (loan_id,) in cursor.fetchall()]
    with Scope(loan_ids).cursor() as cursor:
        cursor.execute(_MOVE, {**parameters, "loan_ids": loan_ids})
        (moved,) = cursor.fetchone()
    return int(moved)
