"""Late fees that were never due: the payment had been made in time, and was posted later."""

from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction

from fees.models import LATE, Fee
from fees.services.late_sql import due
from loans.models import Transaction
from loans.services.booking import Booking, book

_ASSESSED = f"""
    SELECT instalment.* FROM loans_instalment instalment JOIN fees_fee fee ON fee.instalment_id = instalment.id
    WHERE fee.loan_id = ANY(%(loan_ids)s) AND fee.fee_type = '{LATE}' AND fee.reversed_on IS NULL"""

_UNDUE = f"""
    SELECT fee.id FROM fees_fee fee LEFT JOIN ({due(_ASSESSED)}) due ON due.instalment_id = fee.instalment_id
    WHERE fee.loan_id = ANY(%(loan_ids)s) AND fee.fee_type = '{LATE}' AND fee.reversed_on IS NULL
        AND (due.due IS NULL OR due.due > fee.assessed_on)
    ORDER BY fee.id"""

# As of the day it was assessed: for whoever replays the payments since, it has never been. What was waived of it is
# gone already.
_REVERSED = f"""
    SELECT fee.loan_id, fee.assessed_on AS effective_date, 0 AS principal, 0 AS interest,
           -(fee.amount + coalesce(waived.fees, 0)) AS fees, 0 AS overpaid, 0 AS recovered, fee.reference
    FROM fees_fee fee
    LEFT JOIN (
        SELECT loan_id, reference, sum(fees) AS fees FROM loans_transaction
        WHERE kind = '{Transaction.Kind.WAIVER}' AND reversal_id IS NULL AND loan_id = ANY(%(loan_ids)s)
        GROUP BY loan_id, reference
    ) waived ON waived.loan_id = fee.loan_id AND waived.reference = fee.reference
    WHERE fee.id = ANY(%(ids)s) ORDER BY fee.id"""


@transaction.atomic
def reverse_fees_paid_in_time(*, loan_ids: Sequence[int], booking: Booking) -> int:
    """Take back the late fees of loans whose payments, as now posted, were in time (settled rule 11).

    To be called after a payment with an earlier effective date was posted, before later payments are spent again.

    Args:
        loan_ids: the loans.
        booking: who books; its entry date is the processing date.

    Returns:
        How many fees were reversed.

    Raises:
        PeriodClosedError: the month of the entry date is closed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_UNDUE, {"loan_ids": list(loan_ids), "day": date.max})
        ids = [row[0] for row in cursor.fetchall()]
    if ids:
        parameters = {"loan_ids": list(loan_ids), "ids": ids}
        book(_REVERSED, parameters, kind=Transaction.Kind.FEE_REVERSAL, booking=booking)
        Fee.objects.filter(id__in=ids).update(reversed_on=booking.entry_date)
    return len(ids)
