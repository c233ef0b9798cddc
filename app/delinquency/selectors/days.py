"""Days past due and bucket, as SQL that everything shares that decides by them, and as rows for whoever asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from loans.selectors.past_due import PAST_DUE

# A forbearance counts through its last day, a pause up to the day of resumption; where they overlap, a day is one day.
_PAUSED = """
    SELECT loan_id, range_agg(daterange(starts_on, resumes_on)) AS stretches FROM (
        SELECT loan_id, starts_on, ends_on + 1 AS resumes_on FROM loans_forbearance
        UNION ALL
        SELECT loan_id, starts_on, resumes_on FROM delinquency_pause
    ) stretch
    WHERE starts_on < %(day)s GROUP BY loan_id"""

#: The loans that are past due on the business date `%(day)s` and have not ended before it, each with its oldest unpaid
#: due date, its days (settled rules 2 and 3) and its bucket. Default and charge-off go by `dpd`, Metro 2 by
#: `past_due_days`, buckets by `delinquent_days`.
DAYS_PAST_DUE = f"""
    SELECT loan_id, number, product_id, oldest_due, past_due_days, dpd, delinquent_days,
           coalesce((SELECT max(bound) FROM unnest(bounds) bound WHERE bound <= delinquent_days), 0) AS bucket
    FROM (
        SELECT behind.loan_id, loan.number, loan.product_id, behind.oldest_due, product.bucket_bounds AS bounds,
               age.past_due_days, age.past_due_days - paused.days AS dpd,
               greatest(0, age.past_due_days - paused.days - product.delinquency_grace) AS delinquent_days
        FROM (SELECT loan_id, min(due_date) AS oldest_due FROM ({PAST_DUE}) past_due GROUP BY loan_id) behind
        JOIN loans_loan loan ON loan.id = behind.loan_id
        JOIN loans_product product ON product.id = loan.product_id
        LEFT JOIN ({_PAUSED}) pause ON pause.loan_id = behind.loan_id
        CROSS JOIN LATERAL (SELECT %(day)s::date - behind.oldest_due AS past_due_days) age
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(upper(stretch) - lower(stretch)), 0)::int AS days
            FROM unnest(pause.stretches * datemultirange(daterange(behind.oldest_due, %(day)s))) stretch
        ) paused
        WHERE NOT EXISTS (
            SELECT FROM loans_closure closure WHERE closure.loan_id = behind.loan_id
            AND closure.closed_on < %(day)s AND closure.reopened_on IS NULL
        )
    ) counted"""


@dataclass(frozen=True, kw_only=True)
class DaysPastDue:
    """How far behind a loan is on a business date.

    Args:
        loan_id: the loan.
        number: its number.
        oldest_due: the due date of its oldest instalment that is not covered.
        past_due_days: calendar days since.
        dpd: less the days that were paused.
        delinquent_days: less the product's grace, at least 0.
        bucket: the first day of the bucket they fall into; 0 below the first.
    """

    loan_id: int
    number: str
    oldest_due: date
    past_due_days: int
    dpd: int
    delinquent_days: int
    bucket: int


_CHOSEN = f"""
    SELECT {", ".join(DaysPastDue.__dataclass_fields__)} FROM ({DAYS_PAST_DUE}) state
    WHERE %(loan_ids)s::bigint[] IS NULL OR loan_id = ANY(%(loan_ids)s) ORDER BY loan_id"""


def days_past_due(day: date, *, loan_ids: Sequence[int] | None = None) -> list[DaysPastDue]:
    """Return the loans that are past due on a business date, or those of them that are asked for."""
    with connection.cursor() as cursor:
        cursor.execute(_CHOSEN, {"day": day, "loan_ids": None if loan_ids is None else list(loan_ids)})
        return [DaysPastDue(**dict(zip(DaysPastDue.__dataclass_fields__, row, strict=True))) for row in cursor]
