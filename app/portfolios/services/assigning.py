"""Which portfolio each loan is in, decided anew every night, and written down only when it changes."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from common.outcomes import Outcome
from delinquency.selectors import DAYS_PAST_DUE
from delinquency.services.nights import Share
from delinquency.services.standings import faults
from loans.scope import Scope
from loans.services.chosen import chosen
from portfolios.moment import ASSIGNED, AsOf
from portfolios.selectors import alive

#: The rules of the night's open portfolios, as they were set before it.
_IN_FORCE = """
    SELECT rule.* FROM portfolios_rule rule JOIN portfolios_portfolio portfolio ON portfolio.id = rule.portfolio_id
    WHERE rule.since < %(day)s AND (rule.until IS NULL OR rule.until >= %(day)s)
        AND portfolio.opened_on < %(day)s AND (portfolio.closed_on IS NULL OR portfolio.closed_on >= %(day)s)"""

_FITS = """
    (rule.products = '{}' OR product.code = ANY(rule.products))
    AND (rule.states = '{}' OR borrower.state = ANY(rule.states))
    AND coalesce(late.dpd, 0) >= coalesce(rule.dpd_from, 0)
    AND (rule.dpd_through IS NULL OR coalesce(late.dpd, 0) <= rule.dpd_through)
    AND (rule.balance_from IS NULL OR alive.principal >= rule.balance_from)
    AND (rule.balance_below IS NULL OR alive.principal < rule.balance_below)
    AND (rule.originated_from IS NULL OR loan.originated_on >= rule.originated_from)
    AND (rule.originated_through IS NULL OR loan.originated_on <= rule.originated_through)"""


def _assign(scope: Scope) -> str:
    """Return the statement: the first rule that fits each loan, and a new stretch for each that it moves.

    A loan that was moved that night or later stays where it is.
    """
    return f"""
        WITH alive AS MATERIALIZED ({alive(scope)}),
        late AS MATERIALIZED ({DAYS_PAST_DUE}),
        rule AS MATERIALIZED ({_IN_FORCE}),
        fitting AS (
            SELECT DISTINCT ON (alive.loan_id) alive.loan_id, rule.id AS rule_id,
                   coalesce(rule.portfolio_id, fallback.id) AS portfolio_id
            FROM alive
            JOIN loans_loan loan ON loan.id = alive.loan_id
            JOIN loans_borrower borrower ON borrower.id = loan.borrower_id
            JOIN loans_product product ON product.id = loan.product_id
            JOIN portfolios_portfolio fallback ON fallback.is_default
            LEFT JOIN late ON late.loan_id = alive.loan_id
            LEFT JOIN rule ON {_FITS}
            WHERE alive.loan_id <> ALL(%(held)s::bigint[])
            ORDER BY alive.loan_id, rule.priority, rule.id
        ),
        ended AS (
            UPDATE portfolios_membership membership SET until = %(day)s FROM fitting
            WHERE membership.loan_id = fitting.loan_id AND membership.until IS NULL
                AND membership.portfolio_id <> fitting.portfolio_id AND membership.since < %(day)s
            RETURNING membership.loan_id
        ),
        begun AS (
            INSERT INTO portfolios_membership (loan_id, portfolio_id, rule_id, since, follows, due_at)
            SELECT fitting.loan_id, portfolio_id, rule_id, %(day)s,
                   CASE WHEN ended.loan_id IS NOT NULL THEN %(day)s::date END, %(due_at)s
            FROM fitting LEFT JOIN ended ON ended.loan_id = fitting.loan_id
            WHERE ended.loan_id IS NOT NULL OR NOT EXISTS (
                SELECT FROM portfolios_membership earlier WHERE earlier.loan_id = fitting.loan_id
            )
            ORDER BY fitting.loan_id
            RETURNING follows
        )
        SELECT (SELECT count(*) FROM fitting), count(*) FILTER (WHERE follows IS NULL), count(follows) FROM begun"""


@transaction.atomic
def assign_portfolios(
    *, business_date: date, due_at: datetime | None = None, only: Sequence[str] | None = None
) -> Outcome:
    """Put every loan into the portfolio of the first rule that fits it, or else into the default one.

    Rules are asked by priority, then by id, of what the loan is as of the night. A loan whose days past due cannot be
    told stays where it is, with its reason. Repeated, it writes nothing.

    Args:
        business_date: D, the first day of the stretches that begin.
        due_at: when its window was due; None for its usual time.
        only: the numbers of the loans to do; None means all.
    """
    as_of, (scope, unknown) = AsOf.of(business_date, due_at, usual=ASSIGNED), chosen(only)
    bad = faults(Share(**as_of.parameters, chosen=scope.loan_ids, held=[]))
    with scope.cursor() as cursor:
        cursor.execute(_assign(scope), {**as_of.parameters, "held": list(bad), **scope.parameters})
        loans, assigned, moved = cursor.fetchone()
    counts = {"loans": loans, "assigned": assigned, "moved": moved}
    return Outcome(counts=counts, quarantined=[*unknown, *bad.values()])
