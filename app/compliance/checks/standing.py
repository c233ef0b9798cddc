"""Rules about what we need for our business: licences, and liens that hold."""

from typing import Annotated

from pydantic import Field

from compliance.checks.check import OWED, Check, Parameters


class LicencesOf(Parameters):
    """So many days before it ends, a licence is a finding; without one, a worse one. In these states, or in all."""

    warn_days: Annotated[int, Field(ge=0, le=3650)] = 60
    states: list[Annotated[str, Field(pattern="^[A-Z]{2}$")]] | None = None


STATE_LICENCE = Check(
    parameters=LicencesOf,
    select=f"""
        SELECT NULL::bigint AS loan_id, 'state ' || lent.state AS subject,
               coalesce(licence.expires_on + 1, lent.since) AS window_start,
               (licence.expires_on IS NULL OR licence.expires_on < %(day)s)::int AS raised,
               lent.loans || ' loans; ' || coalesce(
                   'the licence ends on ' || licence.expires_on, 'there is no licence'
               ) AS details
        FROM (
            SELECT trim(borrower.state) AS state, count(*) AS loans, min(loan.originated_on) AS since
            FROM loans_loan loan JOIN loans_borrower borrower ON borrower.id = loan.borrower_id
            WHERE trim(borrower.state) <> '' AND {OWED}
                AND (%(states)s::text[] IS NULL OR borrower.state = ANY(%(states)s)) GROUP BY 1
        ) lent
        LEFT JOIN (
            SELECT state, max(expires_on) AS expires_on FROM compliance_licence
            WHERE starts_on <= %(day)s GROUP BY state
        ) licence ON licence.state = lent.state
        WHERE licence.expires_on IS NULL OR licence.expires_on < %(day)s::date + %(warn_days)s::int""",
)

# UCC 9-515(c): unperfected, and as against a purchaser for value never perfected.
LIEN_LAPSED = Check(
    select=f"""
        SELECT loan.id AS loan_id, 'lien ' || lien.reference AS subject, lien.lapsed_on AS window_start, 0 AS raised,
               'lapsed on ' || lien.lapsed_on || ' while ' || loan.number || ' is owed: file a new one' AS details
        FROM compliance_lien lien JOIN loans_loan loan ON loan.id = lien.loan_id
        WHERE lien.lapsed_on < %(day)s AND (lien.released_on IS NULL OR lien.released_on >= %(day)s) AND {OWED}""",
)
