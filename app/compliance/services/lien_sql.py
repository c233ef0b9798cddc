"""When filings lapse, as SQL: five years or thirty, and five more for every continuation filed in time (UCC 9-515)."""

from compliance.models import Lien

#: Months before the end in which a continuation may be filed; before that it is void (UCC 9-515(d)).
WINDOW_MONTHS = 6
CONTINUED_YEARS = 5


def years_after(day: str, years: str) -> str:
    """Return the day so many years later; 29 February's is 1 March where the year has none.

    So filing offices count it by the Model Administrative Rules for Article 9, e.g. Utah Admin. Code R154-2-306(3)(b).
    """
    later = f"({day} + make_interval(years => {years}))::date"
    return f"({later} + (extract(day FROM {later}) <> extract(day FROM {day}))::int)"


def window_start(expires_on: str) -> str:
    """Return the first day on which a continuation may be filed."""
    return f"({expires_on} - make_interval(months => {WINDOW_MONTHS}))::date"


_YEARS = f"CASE kind WHEN '{Lien.Kind.MANUFACTURED_HOME}' THEN 30 ELSE 5 END"

#: The last day on which each filing is effective, with the continuations filed before `%(day)s`; of the liens that
#: `%(only)s` names, or of all. A continued period begins where the one before it ends (UCC 9-515(e)).
EXPIRES = f"""
    WITH RECURSIVE period AS (
        SELECT id AS lien_id, {years_after("filed_on", _YEARS)} AS expires_on FROM compliance_lien
        WHERE kind <> '{Lien.Kind.TITLE}' AND filed_on < %(day)s
            AND (%(only)s::text[] IS NULL OR reference = ANY(%(only)s))
        UNION ALL
        SELECT lien_id, {years_after("expires_on", str(CONTINUED_YEARS))} FROM period
        WHERE EXISTS (
            SELECT FROM compliance_continuation continuation WHERE continuation.lien_id = period.lien_id
            AND continuation.filed_on BETWEEN {window_start("expires_on")} AND expires_on
            AND continuation.filed_on < %(day)s
        )
    )
    SELECT lien_id, max(expires_on) AS expires_on FROM period GROUP BY lien_id"""

# Only loans that were paid are left alone: what was charged off is still owed, and secured.
_PAID = """EXISTS (
        SELECT FROM loans_closure closure WHERE closure.loan_id = lien.loan_id AND closure.reason = 'fully paid'
        AND closure.closed_on < %(day)s AND closure.reopened_on IS NULL
    )"""
_HELD = "(lien.released_on IS NULL OR lien.released_on >= %(day)s)"

# The lowest threshold that is reached: who enters a lien late is told once, not four times.
ALERT = f"""
    INSERT INTO compliance_lienalert (lien_id, of, expires_on, threshold, alerted_on, due_at)
    SELECT lien.id, ending.of, ending.expires_on, reached.threshold, %(day)s, %(due_at)s
    FROM (
        SELECT lien_id, 'filing' AS of, expires_on FROM ({EXPIRES}) filing
        UNION ALL
        SELECT id, 'insurance', insured_until FROM compliance_lien
        WHERE insured_until IS NOT NULL AND (%(only)s::text[] IS NULL OR reference = ANY(%(only)s))
    ) ending
    JOIN compliance_lien lien ON lien.id = ending.lien_id
    CROSS JOIN LATERAL (
        SELECT min(threshold) AS threshold FROM unnest(%(thresholds)s::int[]) threshold
        WHERE ending.expires_on - %(day)s::date <= threshold
    ) reached
    WHERE reached.threshold IS NOT NULL AND ending.expires_on >= %(day)s AND {_HELD} AND NOT {_PAID}
    ORDER BY lien.id, ending.of
    ON CONFLICT (lien_id, of, expires_on, threshold) DO NOTHING"""

# A continuation that was filed in time, but entered late, takes a lapse back.
LAPSE = f"""
    UPDATE compliance_lien lien SET lapsed_on = CASE WHEN filing.expires_on < %(day)s THEN filing.expires_on + 1 END
    FROM ({EXPIRES}) filing
    WHERE filing.lien_id = lien.id AND {_HELD} AND (
        filing.expires_on < %(day)s AND lien.lapsed_on IS DISTINCT FROM filing.expires_on + 1
        OR lien.lapsed_on <= filing.expires_on
    )"""

RELEASE = f"""
    INSERT INTO compliance_release (lien_id, paid_on, due_on, asked_on, due_at)
    SELECT lien.id, closure.closed_on, (closure.closed_on + interval '1 month')::date, %(day)s, %(due_at)s
    FROM compliance_lien lien JOIN loans_closure closure ON closure.loan_id = lien.loan_id
    WHERE closure.reason = 'fully paid' AND closure.closed_on < %(day)s AND closure.reopened_on IS NULL AND {_HELD}
        AND (%(only)s::text[] IS NULL OR lien.reference = ANY(%(only)s))
    ORDER BY lien.id
    ON CONFLICT (lien_id, paid_on) WHERE withdrawn_on IS NULL DO NOTHING"""

WITHDRAW = f"""
    UPDATE compliance_release release SET withdrawn_on = %(day)s FROM compliance_lien lien
    WHERE lien.id = release.lien_id AND release.withdrawn_on IS NULL AND release.asked_on < %(day)s
        AND {_HELD} AND NOT {_PAID} AND (%(only)s::text[] IS NULL OR lien.reference = ANY(%(only)s))"""

FAULTS = f"""
    SELECT lien.reference FROM compliance_lien lien
    WHERE lien.kind <> '{Lien.Kind.TITLE}' AND lien.filed_on IS NULL AND {_HELD} AND NOT {_PAID}
        AND (%(only)s::text[] IS NULL OR lien.reference = ANY(%(only)s))
    ORDER BY lien.reference"""
