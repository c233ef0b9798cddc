"""What late and scheduled fees have in common: which loans are asked for, and how fees are booked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from common.outcomes import BadItem, Outcome
from loans.models import Closure, Loan, Transaction
from loans.selectors import loan_ids
from loans.services.booking import Booking, book

UNKNOWN = "no loan has this number: board it first"

# Night D sees what ended before it, and what the same night charged off before it came to fees (settled rule 1).
ENDED = f"""EXISTS (
        SELECT FROM loans_closure closure WHERE closure.loan_id = loan.id AND closure.reopened_on IS NULL
        AND (closure.closed_on < %(day)s
             OR closure.closed_on = %(day)s AND closure.reason = '{Closure.Reason.CHARGED_OFF}')
    )"""

# A fee of a month that is closed is dated in the first one after it that is open (settled rule 11).
OPEN_DAY = """(
        SELECT min(greatest(month::date, {due})) FROM generate_series(
            date_trunc('month', {due}), %(day)s::date, interval '1 month'
        ) month
        WHERE NOT EXISTS (
            SELECT FROM ledger_accountingperiod period
            WHERE period.starts_on = month::date AND period.status = 'closed'
        )
    )"""

_FEES = """
    SELECT loan_id, assessed_on AS effective_date, 0 AS principal, 0 AS interest, amount AS fees, 0 AS overpaid,
           0 AS recovered, reference
    FROM fees_fee WHERE id = ANY(%(ids)s) ORDER BY id"""


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """One run's assessment of one sort of fee.

    Args:
        candidates: the SELECT of what is due: the columns of `Fee` but the id, the loan's number, and `fault`, the
            reason why it cannot be assessed.
        booking: who books; its entry date is the night.
        only: the numbers of the loans to do; None means all.
    """

    candidates: str
    booking: Booking
    only: Sequence[str] | None

    def run(self) -> Outcome:
        """Assess what can be, leave out the rest with its reason."""
        known = {} if self.only is None else loan_ids(self.only)
        unknown = [number for number in self.only or () if number not in known]
        parameters = {
            "day": self.booking.entry_date,
            "due_at": self.booking.due_at,
            "loan_ids": None if self.only is None else list(known.values()),
        }
        ids, faults = self._insert(parameters)
        if ids:
            book(_FEES, {"ids": ids}, kind=Transaction.Kind.FEE, booking=self.booking)
        bad = [_bad(number, UNKNOWN) for number in unknown] + [_bad(*fault) for fault in faults]
        return Outcome(counts={"fees": len(ids)}, quarantined=bad)

    def _insert(self, parameters: Mapping[str, Any]) -> tuple[list[int], list[tuple[str, str]]]:
        """Write the fees; return their ids, and number and reason of the loans that cannot have theirs."""
        with connection.cursor() as cursor:
            cursor.execute(_insert(self.candidates), parameters)
            ids, faults = cursor.fetchone()
        return ids, [(number, reason) for number, reason in faults]


def _insert(candidates: str) -> str:
    return f"""
        WITH candidate AS MATERIALIZED ({candidates}),
        written AS (
            INSERT INTO fees_fee (
                loan_id, instalment_id, definition_id, period_start, fee_type, assessed_on, amount, reference, due_at
            )
            SELECT loan_id, instalment_id, definition_id, period_start, fee_type, assessed_on, amount, reference,
                   %(due_at)s
            FROM candidate WHERE fault IS NULL AND amount > 0 ORDER BY loan_id, assessed_on, reference
            RETURNING id
        )
        SELECT coalesce((SELECT array_agg(id) FROM written), '{{}}'),
               (
                   SELECT coalesce(array_agg(DISTINCT ARRAY[number::text, fault]), '{{}}')
                   FROM candidate WHERE fault IS NOT NULL
               )"""


def _bad(number: str, reason: str) -> BadItem:
    return BadItem(model=Loan._meta.label, key=number, reason=reason)  # noqa: SLF001
