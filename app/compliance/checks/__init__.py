"""The kinds of rules: what each takes, and the SELECT that finds what is not as it should be.

A SELECT gives loan_id, subject, window_start, raised and details. It sees what a night of `%(day)s` sees: facts that
hold before it. `raised` is 1 where it has gone from bad to worse, else 0.
"""

from collections.abc import Mapping

from compliance.checks import money, notices, people, standing
from compliance.checks.check import Check
from compliance.models import Rule

Kind = Rule.Kind

CHECKS: Mapping[str, Check] = {
    Kind.RATE_CAP: people.RATE_CAP,
    Kind.UNFLAGGED_STATUS: people.UNFLAGGED_STATUS,
    Kind.REPORTED: people.REPORTED,
    Kind.RATE_CHANGE_NOTICE: notices.RATE_CHANGE_NOTICE,
    Kind.DISPUTE_DEADLINE: notices.DISPUTE_DEADLINE,
    Kind.DRAFTS_AFTER_FAILURES: money.DRAFTS_AFTER_FAILURES,
    Kind.BANKRUPTCY_STAY: money.BANKRUPTCY_STAY,
    Kind.LATE_FEE_CAP: money.LATE_FEE_CAP,
    Kind.STATE_LICENCE: standing.STATE_LICENCE,
    Kind.LIEN_LAPSED: standing.LIEN_LAPSED,
}

__all__ = ["CHECKS", "Check"]
