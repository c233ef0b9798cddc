"""Which loans are at which step of their strategy on a night, as SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from casework.models import Channel
from casework.selectors.contact import ARRANGED, BARRED, Day
from delinquency.selectors import DAYS_PAST_DUE
from loans.models import Closure
from loans.scope import Scope


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A loan whose turn it is to hear of a step.

    Args:
        loan_id: the loan.
        number: its number.
        state: where its borrower lives.
        cycle: the first business date of its delinquency.
        step_id: the step.
        version_id: the step's version in force.
        channel: of that version.
        minimum: so much must be past due, in dollars.
        fits: whether the borrower's state is one of the step's.
        barred: why the borrower may not be contacted, or empty.
        arranged: why the loan is left in peace, or empty.
    """

    loan_id: int
    number: str
    state: str
    cycle: date
    step_id: int
    version_id: int
    channel: Channel
    minimum: Decimal
    fits: bool
    barred: str
    arranged: str


# A cycle of delinquency is a stretch of standings without a gap; its first business date names it.
_CYCLES = """
    SELECT standing.loan_id, max(standing.since) AS cycle FROM delinquency_standing standing
    WHERE standing.superseded_on IS NULL AND standing.since <= %(day)s AND NOT EXISTS (
        SELECT FROM delinquency_standing before WHERE before.loan_id = standing.loan_id
        AND before.superseded_on IS NULL AND before.until = standing.since
    )
    GROUP BY standing.loan_id"""

# The newest step that applies decides, and only if it is newer than all that the loan has heard of: who jumps over
# steps never goes back. A loan that the night itself has charged off is past due no more.
_CANDIDATES = f"""
    WITH late AS MATERIALIZED (
        SELECT state.* FROM ({DAYS_PAST_DUE}) state
        WHERE dpd > 0 {{of_loan}} AND NOT EXISTS (
            SELECT FROM loans_closure closure WHERE closure.loan_id = state.loan_id
            AND closure.reopened_on IS NULL AND closure.closed_on = %(day)s
            AND closure.reason = '{Closure.Reason.CHARGED_OFF}'
        )
    ),
    in_force AS MATERIALIZED (
        SELECT version.*, strategy.product_id FROM casework_stepversion version
        JOIN casework_step step ON step.id = version.step_id
        JOIN casework_strategy strategy ON strategy.id = step.strategy_id
        WHERE version.defined_on < %(day)s AND (version.ended_on IS NULL OR version.ended_on >= %(day)s)
    ),
    turn AS (
        SELECT DISTINCT ON (late.loan_id) late.loan_id, late.number, cycles.cycle, in_force.*
        FROM late
        JOIN ({_CYCLES}) cycles ON cycles.loan_id = late.loan_id
        JOIN delinquency_standing standing ON standing.loan_id = late.loan_id AND standing.superseded_on IS NULL
            AND standing.since <= %(day)s AND (standing.until IS NULL OR standing.until > %(day)s)
        JOIN in_force ON in_force.from_day <= late.dpd AND (in_force.to_day IS NULL OR in_force.to_day >= late.dpd)
            AND (in_force.product_id = late.product_id OR (in_force.product_id IS NULL AND NOT EXISTS (
                SELECT FROM in_force its_own WHERE its_own.product_id = late.product_id
            )))
        ORDER BY late.loan_id, in_force.from_day DESC
    ),
    unheard AS (
        SELECT * FROM turn WHERE NOT EXISTS (
            SELECT FROM casework_notice notice JOIN casework_stepversion taken ON taken.id = notice.version_id
            WHERE notice.loan_id = turn.loan_id AND notice.cycle = turn.cycle
            AND (notice.step_id = turn.step_id OR taken.from_day >= turn.from_day OR notice.decided_on >= %(day)s)
        )
    )
    SELECT unheard.loan_id, unheard.number, borrower.state, unheard.cycle, unheard.step_id, unheard.id AS version_id,
           unheard.channel, unheard.minimum,
           unheard.states = '{{{{}}}}' OR borrower.state = ANY(unheard.states) AS fits,
           coalesce(barred.reason, '') AS barred, coalesce(arranged.reason, '') AS arranged
    FROM unheard
    JOIN loans_loan loan ON loan.id = unheard.loan_id
    JOIN loans_borrower borrower ON borrower.id = loan.borrower_id
    LEFT JOIN (
        SELECT loan_id, min(reason) AS reason FROM ({BARRED}) known JOIN unheard USING (loan_id)
        WHERE known.channel IN ('', unheard.channel) GROUP BY loan_id
    ) barred ON barred.loan_id = unheard.loan_id
    LEFT JOIN (
        SELECT loan_id, min(reason) AS reason FROM ({ARRANGED}) known GROUP BY loan_id
    ) arranged ON arranged.loan_id = unheard.loan_id
    ORDER BY unheard.loan_id"""


def candidates(business_date: date, scope: Scope) -> Sequence[Candidate]:
    """Return the loans whose turn it is on the night of a business date, whether they may be contacted or not.

    Args:
        business_date: D.
        scope: the loans looked at.
    """
    parameters = {
        "day": business_date,
        **Day.of_night(business_date).parameters,
        **scope.parameters,
    }
    with scope.cursor() as cursor:
        cursor.execute(_CANDIDATES.format(of_loan=scope.of("state.loan_id")), parameters)
        names = Candidate.__dataclass_fields__
        return [Candidate(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
