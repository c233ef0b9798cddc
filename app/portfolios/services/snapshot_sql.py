"""The statements of the nightly snapshots: one that takes them, and one that adds them up."""

from delinquency.selectors import DAYS_PAST_DUE
from loans.models import Closure
from loans.scope import Scope
from portfolios.models import Snapshot
from portfolios.selectors import FIGURES, LATEST, LATEST_TOTALS, SUMS, alive

_SAID = (*FIGURES, "portfolio_id", "product_id", "dpd", "bucket", "status")

# Who moved into the portfolio that morning is in it, and who moved out is not.
#: Writes the rows of a night that are missing, or say otherwise: how many loans there are, and how many were written.
TAKE = f"""
    WITH member AS MATERIALIZED (
        SELECT loan_id, portfolio_id FROM portfolios_membership
        WHERE since <= %(day)s AND (until IS NULL OR until > %(day)s)
            AND (%(portfolio_id)s::bigint IS NULL OR portfolio_id = %(portfolio_id)s)
            AND (%(chosen)s::bigint[] IS NULL OR loan_id = ANY(%(chosen)s)) AND loan_id <> ALL(%(held)s::bigint[])
    ),
    alive AS MATERIALIZED ({alive(Scope(among="member"))}),
    late AS MATERIALIZED ({DAYS_PAST_DUE}),
    stated AS (
        SELECT alive.loan_id, {", ".join(f"alive.{name}" for name in FIGURES)}, member.portfolio_id, loan.product_id,
               coalesce(late.dpd, 0) AS dpd, coalesce(late.bucket, 0) AS bucket,
               CASE WHEN alive.reason = '{Closure.Reason.CHARGED_OFF}' THEN '{Snapshot.Status.CHARGED_OFF}'
                    WHEN alive.reason IS NOT NULL THEN '{Snapshot.Status.FULLY_PAID}'
                    WHEN defaulted.loan_id IS NOT NULL THEN '{Snapshot.Status.DEFAULTED}'
                    WHEN late.dpd > 0 THEN '{Snapshot.Status.PAST_DUE}'
                    ELSE '{Snapshot.Status.CURRENT}' END AS status
        FROM alive
        JOIN member ON member.loan_id = alive.loan_id
        JOIN loans_loan loan ON loan.id = alive.loan_id
        LEFT JOIN late ON late.loan_id = alive.loan_id
        LEFT JOIN (
            SELECT DISTINCT loan_id FROM delinquency_default
            WHERE superseded_on IS NULL AND (defaulted_on < %(day)s OR coalesce(due_at < %(due_at)s, FALSE))
                AND (cured_on IS NULL OR cured_on > %(day)s)
        ) defaulted ON defaulted.loan_id = alive.loan_id
    ),
    written AS (
        INSERT INTO portfolios_snapshot (snapshot_date, loan_id, version, due_at, {", ".join(_SAID)})
        SELECT %(day)s, stated.loan_id, coalesce(latest.version, 0) + 1, %(due_at)s,
               {", ".join(f"stated.{name}" for name in _SAID)}
        FROM stated LEFT JOIN ({LATEST}) latest ON latest.loan_id = stated.loan_id
        WHERE latest.version IS NULL OR ({", ".join(f"stated.{name}" for name in _SAID)})
            IS DISTINCT FROM ({", ".join(f"latest.{name}" for name in _SAID)})
        ORDER BY stated.loan_id
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM stated), (SELECT count(*) FROM written)"""

#: The same with the sums of some portfolios.
SUM_UP = f"""
    INSERT INTO portfolios_total (snapshot_date, portfolio_id, version, due_at, {", ".join(SUMS)})
    SELECT %(day)s, portfolio.id, coalesce(latest.version, 0) + 1, %(due_at)s,
           {", ".join(f"sums.{name}" for name in SUMS)}
    FROM portfolios_portfolio portfolio
    LEFT JOIN (
        SELECT portfolio_id, {", ".join(f"sum({name}) AS {name}" for name in FIGURES)},
               count(*) AS loans, count(*) FILTER (WHERE dpd > 0) AS past_due
        FROM ({LATEST}) counting GROUP BY portfolio_id
    ) taken ON taken.portfolio_id = portfolio.id
    CROSS JOIN LATERAL (SELECT {", ".join(f"coalesce(taken.{name}, 0) AS {name}" for name in SUMS)}) sums
    LEFT JOIN ({LATEST_TOTALS}) latest ON latest.portfolio_id = portfolio.id
    WHERE portfolio.id = ANY(%(portfolio_ids)s)
        AND ({", ".join(f"sums.{name}" for name in SUMS)})
            IS DISTINCT FROM ({", ".join(f"latest.{name}" for name in SUMS)})
    ORDER BY portfolio.id"""
