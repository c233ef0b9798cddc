"""What a night may draft: the due dates of autopays that nothing was asked for yet, and the returned drafts to repeat.

With each comes all that the gates look at, as the night sees it: what is effective before the business date, and what
the night itself wrote (settled rule 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from common.money import ZERO
from loans.models import Transaction
from loans.scope import Scope
from payments.models import Autopay

Kind = Transaction.Kind

#: A due date that a bad account kept from being drafted is drafted so long after, once the account is corrected.
STRAGGLES = timedelta(days=30)

_WANTED = f"""
    WITH wanted AS (
        SELECT autopay.id AS autopay_id, instalment.due_date, 1 AS attempt_no
        FROM payments_autopay autopay
        JOIN loans_instalment instalment ON instalment.loan_id = autopay.loan_id AND instalment.superseded_on IS NULL
            AND instalment.due_date BETWEEN greatest(autopay.authorised_on + 1, %(straggling)s) AND %(last)s
            AND (autopay.ends_on IS NULL OR instalment.due_date <= autopay.ends_on)
        WHERE NOT EXISTS (
            SELECT FROM payments_attempt attempt
            WHERE attempt.autopay_id = autopay.id AND attempt.due_date = instalment.due_date
        )
        UNION ALL
        SELECT * FROM unnest(%(retried)s::bigint[], %(dues)s::date[], %(attempts)s::int[])
    ),
    pending AS (
        SELECT autopay.loan_id, sum(attempt.amount) AS amount
        FROM payments_attempt attempt JOIN payments_autopay autopay ON autopay.id = attempt.autopay_id
        WHERE attempt.payment_id IS NULL AND attempt.skipped = '' AND attempt.rejected = '' AND NOT EXISTS (
            SELECT FROM payments_attemptreturn came_back WHERE came_back.attempt_id = attempt.id
        )
        GROUP BY autopay.loan_id
    ),
    paid AS (
        SELECT loan_id, -sum(principal + interest) AS covered FROM loans_transaction
        WHERE kind IN ('{Kind.PAYMENT}', '{Kind.PAYMENT_REVERSAL}') AND reversal_id IS NULL
            AND (effective_date < %(day)s OR effective_date = %(day)s AND due_at IS NOT NULL)
            AND loan_id IN (SELECT loan_id FROM payments_autopay)
        GROUP BY loan_id
    ),
    returned AS (
        SELECT DISTINCT ON (attempt.autopay_id) attempt.autopay_id, attempt.account_id, came_back.code,
               came_back.returned_on
        FROM payments_attemptreturn came_back JOIN payments_attempt attempt ON attempt.id = came_back.attempt_id
        ORDER BY attempt.autopay_id, came_back.returned_on DESC, came_back.id DESC
    )
    SELECT autopay.id AS autopay_id, wanted.due_date, wanted.attempt_no, loan.id AS loan_id, loan.number,
           loan.borrower_id, autopay.amount_type, autopay.fixed_amount, autopay.only_if_current, autopay.covered,
           autopay.authorised_on, account.id AS account_id, account.holder, account.routing_number,
           account.account_number, account.account_type,
           least(instalment.principal + instalment.interest, missing.amount) AS missing,
           missing.amount AS missing_in_all,
           missing.amount > instalment.principal + instalment.interest AS is_behind,
           coalesce(pending.amount, 0) AS pending,
           NOT EXISTS (
               SELECT FROM loans_instalment later WHERE later.loan_id = loan.id AND later.number > instalment.number
               AND later.superseded_on IS NULL
           ) AS is_last,
           closure.id IS NOT NULL AS is_closed,
           EXISTS (
               SELECT FROM loans_forbearance forbearance WHERE forbearance.loan_id = loan.id
               AND forbearance.starts_on <= wanted.due_date
               AND least(forbearance.ends_on, forbearance.ended_on - 1) >= wanted.due_date
           ) AS is_forborne,
           (
               SELECT min(flag.kind) FROM delinquency_flag flag WHERE flag.loan_id = loan.id
               AND flag.starts_on <= %(last)s AND (flag.ends_on IS NULL OR flag.ends_on >= %(last)s)
           ) AS flag,
           returned.code AS returned_code, returned.returned_on, returned.account_id AS returned_account_id
    FROM wanted
    JOIN payments_autopay autopay ON autopay.id = wanted.autopay_id
    JOIN payments_bankaccount account ON account.id = autopay.account_id
    JOIN loans_loan loan ON loan.id = autopay.loan_id
    JOIN loans_instalment instalment ON instalment.loan_id = loan.id AND instalment.superseded_on IS NULL
        AND instalment.due_date = wanted.due_date
    LEFT JOIN loans_closure closure ON closure.loan_id = loan.id AND closure.reopened_on IS NULL
    LEFT JOIN pending ON pending.loan_id = loan.id
    LEFT JOIN paid ON paid.loan_id = loan.id
    LEFT JOIN returned ON returned.autopay_id = autopay.id
    CROSS JOIN LATERAL (
        SELECT greatest(0, instalment.due_through - coalesce(paid.covered, 0) - coalesce(pending.amount, 0)) AS amount
    ) missing
    WHERE TRUE {{of_loan}}
    ORDER BY wanted.due_date, wanted.attempt_no, autopay.id"""

_RETURNED = """
    SELECT attempt.autopay_id, attempt.due_date, attempt.attempt_no + 1, attempt.amount, came_back.code,
           came_back.returned_on, original.effective_on
    FROM payments_attemptreturn came_back
    JOIN payments_attempt attempt ON attempt.id = came_back.attempt_id
    JOIN payments_attempt original ON original.autopay_id = attempt.autopay_id
        AND original.due_date = attempt.due_date AND original.attempt_no = 1
    WHERE came_back.code = ANY(%(codes)s) AND came_back.returned_on >= %(since)s AND NOT EXISTS (
        SELECT FROM payments_attempt again WHERE again.autopay_id = attempt.autopay_id
        AND again.due_date = attempt.due_date AND again.attempt_no > attempt.attempt_no
    )
    ORDER BY attempt.id"""

# Failures in a row, per consumer: no draft was paid since, and none can come back any more that was (12 CFR 1041.8(b)).
_FAILURES = """
    SELECT loan.borrower_id, array_agg(came_back.returned_on)
    FROM payments_attemptreturn came_back
    JOIN payments_attempt attempt ON attempt.id = came_back.attempt_id
    JOIN payments_autopay autopay ON autopay.id = attempt.autopay_id AND autopay.covered
    JOIN loans_loan loan ON loan.id = autopay.loan_id
    WHERE loan.borrower_id = ANY(%(borrowers)s) AND came_back.code = ANY(%(codes)s) AND NOT EXISTS (
        SELECT FROM payments_attempt success
        JOIN payments_autopay other ON other.id = success.autopay_id AND other.covered
        JOIN loans_loan same ON same.id = other.loan_id AND same.borrower_id = loan.borrower_id
        WHERE success.payment_id IS NOT NULL AND success.effective_on > attempt.effective_on
            AND success.effective_on <= %(settled_by)s
            AND NOT EXISTS (SELECT FROM payments_attemptreturn failed WHERE failed.attempt_id = success.id)
    )
    GROUP BY loan.borrower_id"""


@dataclass(frozen=True, kw_only=True)
class Retry:
    """A draft that came back, and the number of the attempt that may repeat it."""

    autopay_id: int
    due_date: date
    attempt_no: int
    amount: Decimal
    code: str
    returned_on: date
    original_settlement: date


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A due date of an autopay, and all that decides whether it is drafted."""

    autopay_id: int
    due_date: date
    attempt_no: int
    loan_id: int
    number: str
    borrower_id: int
    amount_type: str
    fixed_amount: Decimal
    only_if_current: bool
    covered: bool
    authorised_on: date
    account_id: int
    holder: str
    routing_number: str
    sealed_account_number: bytes
    account_type: str
    #: Of the instalment, and of it and all before it, in dollars; drafts on their way are counted as paid.
    missing: Decimal
    missing_in_all: Decimal
    is_behind: bool
    pending: Decimal
    is_last: bool
    is_closed: bool
    is_forborne: bool
    #: Bankruptcy or death, as of the day it would settle.
    flag: str | None
    #: The newest return of the autopay, and the account it was asked of.
    returned_code: str | None
    returned_on: date | None
    returned_account_id: int | None


def candidates(business_date: date, last: date, retries: Sequence[Retry], scope: Scope) -> list[Candidate]:
    """Return what is to be decided about on a business date: dues up to `last`, and retries."""
    parameters = {
        "day": business_date,
        "last": last,
        "straggling": business_date - STRAGGLES,
        "retried": [retry.autopay_id for retry in retries],
        "dues": [retry.due_date for retry in retries],
        "attempts": [retry.attempt_no for retry in retries],
        **scope.parameters,
    }
    with scope.cursor() as cursor:
        cursor.execute(_WANTED.format(of_loan=scope.of("loan.id")), parameters)
        return [_candidate(row) for row in cursor.fetchall()]


def _candidate(row: Sequence[Any]) -> Candidate:
    return Candidate(**dict(zip(Candidate.__dataclass_fields__, row, strict=True)))


def returned(codes: Sequence[str], *, since: date) -> list[Retry]:
    """Return the drafts that came back with one of these codes since a day, and were not decided about again."""
    with connection.cursor() as cursor:
        cursor.execute(_RETURNED, {"codes": list(codes), "since": since})
        return [Retry(**dict(zip(Retry.__dataclass_fields__, row, strict=True))) for row in cursor.fetchall()]


def failures_in_a_row(borrowers: Sequence[int], codes: Sequence[str], settled_by: date) -> dict[int, list[date]]:
    """Return when drafts for covered loans failed since the last that was paid, by borrower.

    Args:
        borrowers: their ids.
        codes: the return codes that say that the money was missing.
        settled_by: what settled later may still come back, and is no success yet.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FAILURES, {"borrowers": list(borrowers), "codes": list(codes), "settled_by": settled_by})
        return dict(cursor.fetchall())


def unanswered(candidate: Candidate) -> Decimal:
    """Return what the candidate's amount type asks for, before any cap; nothing if nothing is missing."""
    if candidate.amount_type == Autopay.Amount.INSTALMENT:
        return candidate.missing
    if candidate.amount_type == Autopay.Amount.ALL_DUE:
        return candidate.missing_in_all
    return candidate.fixed_amount if candidate.missing else ZERO
