"""Rules about who a borrower is: protected, bankrupt, dead, or known to a monitor."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from compliance.checks.check import OWED, Check, Parameters
from compliance.models import Report

# Of all that one source said of a matter and a first day, what it said last. The night sees what its own poll brought,
# and what operators said before it.
_NEWEST = """
    SELECT * FROM (
        SELECT DISTINCT ON (engine_id, kind, matter, loan_number, since) * FROM compliance_report
        WHERE reported_on < %(day)s OR reported_on = %(day)s AND engine_id IS NOT NULL
        ORDER BY engine_id, kind, matter, loan_number, since, id DESC
    ) newest
    WHERE since < %(day)s AND (until IS NULL OR until >= %(day)s::date - 1)"""

_STATUSES = f"SELECT * FROM ({_NEWEST}) report WHERE kind = '{Report.Kind.STATUS}'"


class RateCap(Parameters):
    """Whose loans, and the highest annual rate that they may earn, a fraction of one."""

    status: Literal["scra", "mla"]
    max_rate: Annotated[Decimal, Field(ge=0, le=1)]


# 50 U.S.C. 3937(a)(1) covers what was owed before the service began; 10 U.S.C. 987 what is borrowed during it. As in
# the daily interest, of a rate and the promotions beside it the lowest prevails.
RATE_CAP = Check(
    parameters=RateCap,
    select=f"""
        SELECT loan.id AS loan_id, 'loan ' || loan.number AS subject,
               greatest(status.since, agreed.effective_from) AS window_start, 0 AS raised,
               'earns ' || round(least(agreed.rate, promised.rate) * 100, 3) || ' percent a year; ' || status.matter
                   || ' allows ' || round(%(max_rate)s::numeric * 100, 3) || ' since ' || status.since AS details
        FROM ({_STATUSES}) status
        JOIN loans_loan loan ON loan.number = status.loan_number
        CROSS JOIN LATERAL (
            SELECT rate, effective_from FROM loans_ratesegment segment
            WHERE segment.loan_id = loan.id AND segment.effective_from < %(day)s
            ORDER BY effective_from DESC LIMIT 1
        ) agreed
        CROSS JOIN LATERAL (
            SELECT min(promo.rate) AS rate FROM loans_promo promo
            WHERE promo.loan_id = loan.id AND promo.starts_on < %(day)s
                AND least(promo.ends_on + 1, promo.ended_on) >= %(day)s
        ) promised
        WHERE status.matter = %(status)s
            AND (loan.originated_on < status.since) = (status.matter = '{Report.Status.SCRA}')
            AND least(agreed.rate, promised.rate) > %(max_rate)s::numeric AND {OWED}""",
)

# A monitor of courts or deaths knows it, and we go on as if nothing were (11 U.S.C. 362; 12 CFR 1026.11(c)).
UNFLAGGED_STATUS = Check(
    select=f"""
        SELECT loan.id AS loan_id, 'loan ' || loan.number || ', ' || status.matter AS subject,
               status.since AS window_start, 0 AS raised,
               'reported since ' || status.since || ', and not flagged: use flag_loan' AS details
        FROM ({_STATUSES}) status
        JOIN loans_loan loan ON loan.number = status.loan_number
        WHERE status.matter IN ('{Report.Status.BANKRUPTCY}', '{Report.Status.DECEASED}') AND {OWED}
            AND NOT EXISTS (
                SELECT FROM delinquency_flag flag WHERE flag.loan_id = loan.id AND flag.kind = status.matter
                AND flag.starts_on < %(day)s AND (flag.ends_on IS NULL OR flag.ends_on >= %(day)s::date - 1)
            )""",
)

# How bad it is is the monitor's to say: `raised` is the difference to the rule's own.
REPORTED = Check(
    select=f"""
        SELECT loan.id AS loan_id, 'loan ' || report.loan_number || ', ' || report.matter AS subject,
               report.since AS window_start, report.severity - rule.severity AS raised, report.message AS details
        FROM ({_NEWEST}) report
        JOIN compliance_engine engine ON engine.id = report.engine_id
        JOIN compliance_rule rule ON rule.id = engine.rule_id
        JOIN loans_loan loan ON loan.number = report.loan_number
        WHERE report.kind = '{Report.Kind.ALERT}' AND rule.id = %(rule_id)s""",
)
