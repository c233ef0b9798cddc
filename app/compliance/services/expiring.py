"""The night's look at liens: who must be told what ends, what has lapsed, and what must be released."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection, transaction

from common.outcomes import BadItem, Outcome
from compliance.models import Lien
from compliance.services.lien_sql import ALERT, FAULTS, LAPSE, RELEASE, WITHDRAW

#: Days before the end at which somebody is told; 0 is the last day.
THRESHOLDS = (180, 90, 60, 30, 0)
UNKNOWN = "no lien has this reference: record it with `lien`"
UNFILED = "it has no filing date, so that nobody knows when it lapses: enter it with `lien file`"


@transaction.atomic
def check_expirations(
    *,
    business_date: date,
    due_at: datetime | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Write the alerts of filings and insurances that end, mark filings that lapsed, and ask for releases.

    A financing statement is effective for five years (thirty for a manufactured home) and five more for every
    continuation filed within the six months before its end (UCC 9-515). A lien of a loan that is paid has no alerts,
    but a task to release it. Done again it writes nothing.

    Args:
        business_date: D; what was filed or paid before it counts.
        due_at: when its window was due; none when done by hand.
        only: the references of the liens to do; None means all.
    """
    parameters = {
        "day": business_date,
        "due_at": due_at,
        "only": None if only is None else list(only),
        "thresholds": list(THRESHOLDS),
    }
    counts = dict[str, int]()
    with connection.cursor() as cursor:
        steps = {"alerts": ALERT, "lapses": LAPSE, "releases": RELEASE, "withdrawn": WITHDRAW}
        for name, statement in steps.items():
            cursor.execute(statement, parameters)
            counts[name] = cursor.rowcount
        cursor.execute(FAULTS, parameters)
        bad = [_bad(reference, UNFILED) for (reference,) in cursor.fetchall()]
    return Outcome(counts=counts, quarantined=bad + [_bad(reference, UNKNOWN) for reference in _unknown(only)])


def _unknown(only: Sequence[str] | None) -> list[str]:
    if only is None:
        return []
    known = set(Lien.objects.filter(reference__in=only).values_list("reference", flat=True))
    return [reference for reference in only if reference not in known]


def _bad(reference: str, reason: str) -> BadItem:
    return BadItem(model="compliance.Lien", key=reference, reason=reason)
