"""Waking what was snoozed: once, at the first full hour after its time has come, however late that hour is done."""

from datetime import datetime

from django.db import connection, transaction

from casework.models import CaseEvent
from common import clock
from common.outcomes import Outcome

# The rows are locked and looked at again before they change: what somebody snoozed anew meanwhile sleeps on.
_WAKE = f"""
    WITH due AS (
        SELECT id, snoozed_until FROM casework_case WHERE status = 'snoozed' AND snoozed_until <= %(at)s
        ORDER BY id FOR NO KEY UPDATE
    ),
    woken AS (
        UPDATE casework_case woken SET status = 'open', snoozed_until = NULL FROM due WHERE woken.id = due.id
        RETURNING woken.id, woken.queue_id, due.snoozed_until
    ),
    told AS (
        INSERT INTO casework_caseevent (case_id, kind, at, by, note, queue_id, until, due_at)
        SELECT id, '{CaseEvent.Kind.WOKEN}', %(at)s, '', '', queue_id, snoozed_until, %(due_at)s FROM woken ORDER BY id
        RETURNING 1
    )
    SELECT count(*) FROM told"""


@transaction.atomic
def unsnooze(*, due_at: datetime | None = None) -> Outcome:
    """Wake all cases whose snooze is over; their queue and agent are theirs still.

    A case wakes when the window is due that wakes it, not when its run gets to it (settled rule 20).

    Args:
        due_at: when the run's window was due; None by hand, for the last full hour.
    """
    at = due_at or clock.now().replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_WAKE, {"at": at, "due_at": due_at})
        (woken,) = cursor.fetchone()
    return Outcome(counts={"woken": woken})
