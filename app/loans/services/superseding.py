"""Movements that no longer count, because a replay puts others in their place."""

from collections.abc import Sequence

from django.db import connection

from ledger.services import refuse_closed
from loans.services.booking import Booking

_SUPERSEDE = """
    WITH superseded AS MATERIALIZED (
        SELECT movement.id, movement.entry_id, movement.kind,
               nextval(pg_get_serial_sequence('ledger_journalentry', 'id')::regclass) AS mirror_id
        FROM loans_transaction movement WHERE movement.id = ANY(%(ids)s) AND movement.reversal_id IS NULL
    ),
    mirror AS (
        INSERT INTO ledger_journalentry (id, entry_date, kind, mirrors_id, run_id, due_at)
        SELECT mirror_id, %(entry_date)s, kind || ' superseded', entry_id, %(run_id)s, %(due_at)s FROM superseded
    ),
    line AS (
        INSERT INTO ledger_journalline (entry_id, account_id, debit, credit)
        SELECT mirror_id, line.account_id, line.credit, line.debit
        FROM superseded JOIN ledger_journalline line ON line.entry_id = superseded.entry_id
    )
    UPDATE loans_transaction movement SET reversal_id = superseded.mirror_id
    FROM superseded WHERE superseded.id = movement.id"""


def supersede(*, movement_ids: Sequence[int], booking: Booking) -> None:
    """Mirror the journal entries of movements, and mark these as counting no longer; all in one statement.

    Args:
        movement_ids: ids of `Transaction`; one that is superseded already stays as it is.
        booking: who does it.

    Raises:
        PeriodClosedError: the entry's month is closed.
    """
    refuse_closed(booking.entry_date)
    with connection.cursor() as cursor:
        cursor.execute(
            _SUPERSEDE,
            {
                "ids": list(movement_ids),
                "entry_date": booking.entry_date,
                "run_id": booking.run_id,
                "due_at": booking.due_at,
            },
        )
