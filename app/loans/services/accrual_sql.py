"""The one statement of daily interest: from the rows of one day, and what changed on it, the rows of the next."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from common.money import to_cents_sql
from loans import formulas
from loans.scope import Scope

# The day whose row is written and the one before it, at whose close all is read that prices the row (settled rules 4
# and 6): as parameters of the statement of a day, or as columns where others tell which days were stopped.
_DAY, _EVE = "%(day)s", "%(eve)s"


def _promised(day: str, eve: str) -> str:
    """Return the condition on a promotion; it ends by its own dates, whether or not its expiry was run yet."""
    return f"starts_on < {day} AND ends_on >= {eve} AND (ended_on IS NULL OR ended_on > {eve})"


def stopped(day: str = _DAY, eve: str = _EVE, of_loan: str = "") -> str:
    """Return the SELECT of the loans that earn nothing on a day: by forbearance, or so far past due."""
    return f"""
        SELECT loan_id FROM loans_forbearance
        WHERE NOT accrues AND starts_on < {day} AND ends_on >= {eve} {of_loan}
        UNION
        SELECT loan_id FROM loans_nonaccrual
        WHERE starts_on < {day} AND (ended_on IS NULL OR ended_on >= {day}) {of_loan}"""


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day's accrual.

    Args:
        accrual_date: D; its rows price the day D-1 → D.
        scope: the loans.
    """

    accrual_date: date
    scope: Scope

    @property
    def parameters(self) -> dict[str, Any]:
        """What the statements of this day take."""
        eve = self.accrual_date - timedelta(days=1)
        return {"day": self.accrual_date, "eve": eve, **self.scope.parameters}


def write(day: Day, *, entry_id: int, due_at: datetime | None) -> tuple[int, Decimal]:
    """Write the day's row of every loan that has the row before and can have this; return how many and their sum."""
    with day.scope.cursor() as cursor:
        cursor.execute(_write(day), {**day.parameters, "entry_id": entry_id, "due_at": due_at})
        rows, amount = cursor.fetchone()
    return rows, amount


def faults(day: Day) -> dict[str, str]:
    """Return, by loan number, why loans that have the row before cannot have the day's."""
    with day.scope.cursor() as cursor:
        cursor.execute(f"SELECT number, fault FROM ({_candidates(day)}) c WHERE fault <> ''", day.parameters)
        return dict(cursor.fetchall())


def _candidates(day: Day) -> str:
    """Return all that is in force at the close of the day before (settled rules 4 to 6), of loans without a row."""
    of = day.scope.of
    return f"""
        SELECT loan.id AS loan_id, loan.number, loan.first_due, product.day_count, product.rounding,
               {formulas.maturity("loan.first_due", "loan.term_months")} AS maturity,
               coalesce(previous.principal, 0) + coalesce(moved.principal, 0) AS principal,
               CASE WHEN stopped.loan_id IS NULL THEN least(segment.rate, promo.rate) ELSE 0 END AS rate,
               coalesce(previous.period_end, loan.accrues_from) AS last_end,
               coalesce(previous.period_end < %(day)s, TRUE) AS opens,
               previous.period_start, previous.period_days, previous.exposure, previous.cumulative,
               coalesce(previous.accrued, 0) AS accrued,
               CASE
                   WHEN segment.rate IS NULL
                       THEN 'no rate is in force on ' || %(eve)s || ': add the rate segment'
                   WHEN previous.id IS NULL AND moved.principal IS NULL
                       THEN 'no principal is booked on ' || %(eve)s || ', from when it accrues: book it'
                   WHEN coalesce(previous.principal, 0) + coalesce(moved.principal, 0) < 0
                       THEN 'less than nothing is owed on ' || %(eve)s || ': correct its transactions'
               END AS fault
        FROM loans_loan loan
        JOIN loans_product product ON product.id = loan.product_id
        LEFT JOIN loans_accrual previous ON previous.loan_id = loan.id AND previous.accrual_date = %(eve)s
            AND previous.component = 'interest' AND previous.reversal_id IS NULL {of("previous.loan_id")}
        LEFT JOIN (
            SELECT DISTINCT ON (loan_id) loan_id, rate FROM loans_ratesegment
            WHERE effective_from < %(day)s {of("loan_id")}
            ORDER BY loan_id, effective_from DESC
        ) segment ON segment.loan_id = loan.id
        LEFT JOIN (
            SELECT loan_id, min(rate) AS rate FROM loans_promo
            WHERE {_promised(_DAY, _EVE)} {of("loan_id")}
            GROUP BY loan_id
        ) promo ON promo.loan_id = loan.id
        LEFT JOIN (
            SELECT loan_id, sum(principal) AS principal FROM loans_transaction
            WHERE effective_date = %(eve)s AND reversal_id IS NULL {of("loan_id")}
            GROUP BY loan_id
        ) moved ON moved.loan_id = loan.id
        LEFT JOIN ({stopped(of_loan=of("loan_id"))}) stopped ON stopped.loan_id = loan.id
        WHERE (previous.id IS NOT NULL OR loan.accrues_from = %(eve)s) {of("loan.id")}
            AND NOT EXISTS (
                SELECT FROM loans_closure closure WHERE closure.loan_id = loan.id
                AND closure.closed_on < %(day)s AND closure.reopened_on IS NULL {of("closure.loan_id")}
            )
            AND NOT EXISTS (
                SELECT FROM loans_accrual done WHERE done.loan_id = loan.id AND done.accrual_date = %(day)s
                AND done.component = 'interest' AND done.reversal_id IS NULL {of("done.loan_id")}
            )"""


def _write(day: Day) -> str:
    """Return the INSERT. OFFSET 0 keeps Postgres from writing a column's expression out wherever it is used."""
    earned = formulas.exposure("principal", "rate", "day_count", str(formulas.weight(day.accrual_date)))
    return f"""
        WITH candidate AS ({_candidates(day)}),
        period AS (
            SELECT *, CASE WHEN opens THEN last_end ELSE period_start END AS starts,
                   CASE WHEN opens THEN {formulas.next_due("first_due", "last_end")} ELSE last_end END AS ends,
                   CASE WHEN opens THEN 0 ELSE exposure END + {earned} AS exposed,
                   CASE WHEN opens THEN 0 ELSE cumulative END AS posted
            FROM candidate WHERE fault IS NULL OFFSET 0
        ),
        counted AS (
            SELECT *, CASE WHEN NOT opens THEN period_days
                      ELSE {formulas.period_days("day_count", "starts", "ends", "maturity")} END AS days
            FROM period OFFSET 0
        ),
        priced AS (
            SELECT *, {formulas.interest("exposed", "days", "starts", "ends", "day_count")} AS interest
            FROM counted OFFSET 0
        ),
        rounded AS (SELECT *, {to_cents_sql("interest", "rounding")} AS cents FROM priced OFFSET 0),
        written AS (
            INSERT INTO loans_accrual (
                loan_id, entry_id, accrual_date, component, principal, rate, period_start, period_end, period_days,
                exposure, cumulative, amount, accrued, due_at
            )
            SELECT loan_id, %(entry_id)s, %(day)s, 'interest', principal, rate, starts, ends, days,
                   exposed, cents, cents - posted, accrued + cents - posted, %(due_at)s
            FROM rounded ORDER BY loan_id
            RETURNING amount
        )
        SELECT count(*), coalesce(sum(amount), 0) FROM written"""
