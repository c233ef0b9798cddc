"""The delinquency engine: which bucket each past-due loan is in, written down only when it changes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import connection, transaction

from common.outcomes import BadItem, Outcome
from delinquency.models import Job, Standing
from delinquency.selectors.days import DAYS_PAST_DUE
from delinquency.services.nights import Share, Walk, of
from loans.models import Loan
from loans.selectors import loan_ids
from loans.selectors.past_due import PAST_DUE

UNKNOWN = "no loan has this number: board it first"

#: The state of a share's loans.
STATE = f"SELECT * FROM ({DAYS_PAST_DUE}) known WHERE {of('loan_id')}"

# A plan whose sums contradict each other says nothing of what is covered.
_FAULTS = f"""
    SELECT loan.id, loan.number, CASE
               WHEN cardinality(product.bucket_bounds) = 0
                   THEN 'its product ' || product.code || ' has no buckets: give the loan one that has'
               ELSE 'its plan does not add up at instalment ' || min(planned.number) || ': correct the due_through'
           END
    FROM (
        SELECT loan_id, number, principal + interest <> due_through - lag(due_through) OVER plan
                   AND number = lag(number) OVER plan + 1 AS is_off
        FROM ({PAST_DUE}) past_due WHERE {of("loan_id")} WINDOW plan AS (PARTITION BY loan_id ORDER BY number)
    ) planned
    JOIN loans_loan loan ON loan.id = planned.loan_id
    JOIN loans_product product ON product.id = loan.product_id
    WHERE is_off OR cardinality(product.bucket_bounds) = 0
    GROUP BY loan.id, product.id ORDER BY loan.id"""

# Interest goes on with the row after the night on which the loan is current again.
_END = f"""
    WITH state AS MATERIALIZED ({STATE}),
    resumed AS (
        UPDATE loans_nonaccrual stopped SET ended_on = %(day)s
        WHERE ended_on IS NULL AND {of("loan_id")}
            AND NOT EXISTS (SELECT FROM state WHERE state.loan_id = stopped.loan_id)
    ),
    ended AS (
        UPDATE delinquency_standing standing SET until = %(day)s
        WHERE until IS NULL AND superseded_on IS NULL AND {of("loan_id")} AND NOT EXISTS (
            SELECT FROM state WHERE state.loan_id = standing.loan_id AND state.oldest_due = standing.oldest_due
            AND state.bucket = standing.bucket
        )
        RETURNING 1
    )
    SELECT count(*) FROM ended"""

# Rule 13: the rows after the night on which the limit is reached earn nothing.
_BEGIN = f"""
    WITH state AS MATERIALIZED ({STATE}),
    stopped AS (
        INSERT INTO loans_nonaccrual (loan_id, starts_on)
        SELECT loan_id, %(day)s FROM state
        JOIN loans_product product ON product.id = state.product_id AND state.dpd >= product.non_accrual_dpd
        WHERE NOT EXISTS (
            SELECT FROM loans_nonaccrual stopped WHERE stopped.loan_id = state.loan_id AND stopped.ended_on IS NULL
        )
        ORDER BY loan_id
    ),
    begun AS (
        INSERT INTO delinquency_standing (loan_id, since, oldest_due, bucket, due_at)
        SELECT loan_id, %(day)s, oldest_due, bucket, %(due_at)s FROM state
        WHERE NOT EXISTS (
            SELECT FROM delinquency_standing standing WHERE standing.loan_id = state.loan_id
            AND standing.until IS NULL AND standing.superseded_on IS NULL
        )
        ORDER BY loan_id
        RETURNING 1
    )
    SELECT count(*) FROM begun"""


@transaction.atomic
def run_engine(
    *,
    business_date: date,
    run_id: int | None = None,
    due_at: datetime | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Bring the standings of all loans up to the business date, and begin or end non-accrual.

    Every night since the last one is done by itself. A loan whose plan contradicts itself is left out with its reason;
    once it is mended, the next night does each night that it missed. Repeated, it writes nothing.

    Args:
        business_date: D; payments effective before it count (settled rules 1 and 2).
        run_id: the run that does it.
        due_at: when its window was due; none when done by hand.
        only: the numbers of the loans to do of those that a night left out; None means all loans.
    """
    engine = Engine()
    walk = Walk(job=Job.STANDINGS, step=engine.do, run_id=run_id, due_at=due_at)
    if only is None:
        bad = walk.through(business_date)
    else:
        known = loan_ids(only)
        bad = walk.again(list(known.values())) + [bad_loan(number, UNKNOWN) for number in only if number not in known]
    past_due = Standing.objects.filter(until=None, superseded_on=None).count()
    return Outcome(counts={"past_due": past_due, "begun": engine.begun, "ended": engine.ended}, quarantined=bad)


class Engine:
    """One run's days, and what they changed."""

    def __init__(self) -> None:
        self.begun = self.ended = 0

    def do(self, share: Share) -> Mapping[int, BadItem]:
        """Write what changed on a day; return the loans that cannot be judged."""
        bad = faults(share)
        parameters = share.but(list(bad)).parameters
        with connection.cursor() as cursor:
            cursor.execute(_END, parameters)
            self.ended += cursor.fetchone()[0]
            cursor.execute(_BEGIN, parameters)
            self.begun += cursor.fetchone()[0]
        return bad


def faults(share: Share) -> dict[int, BadItem]:
    """Return the past-due loans of a share whose state cannot be told."""
    with connection.cursor() as cursor:
        cursor.execute(_FAULTS, share.parameters)
        return {loan_id: bad_loan(number, reason) for loan_id, number, reason in cursor.fetchall()}


def bad_loan(number: str, reason: str) -> BadItem:
    """Return what a run says of a loan that it left out."""
    return BadItem(model=Loan._meta.label, key=number, reason=reason)  # noqa: SLF001
