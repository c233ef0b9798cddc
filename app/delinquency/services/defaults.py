"""Default and charge-off: which loans reach their product's limits, and what leaves the books then."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import connection, transaction

from common.outcomes import BadItem, Outcome
from delinquency.models import Default, Job
from delinquency.selectors.owed import owed
from delinquency.services.nights import Share, Walk, of
from delinquency.services.standings import STATE, UNKNOWN, bad_loan, faults
from loans.formulas import maturity
from loans.models import Closure, Transaction
from loans.selectors import loan_ids
from loans.services.booking import Booking, book
from loans.services.closing import close

_Reason = Default.Reason

_FORBORNE = """EXISTS (
        SELECT FROM loans_forbearance forbearance WHERE forbearance.loan_id = {loan_id}
        AND forbearance.starts_on < %(day)s AND forbearance.ends_on >= %(day)s
    )"""

# What puts a loan in default. A forbearance is a promise not to: but it does not undo a bankruptcy.
_CAUSES = f"""
    SELECT state.loan_id, CASE WHEN state.dpd >= product.default_dpd THEN '{_Reason.DAYS_PAST_DUE}'
           ELSE '{_Reason.MATURITY}' END AS reason, 2 AS rank
    FROM state
    JOIN loans_loan loan ON loan.id = state.loan_id
    JOIN loans_product product ON product.id = state.product_id
    WHERE (
        state.dpd >= product.default_dpd
        OR state.delinquent_days > 0 AND {maturity("loan.first_due", "loan.term_months")} < %(day)s
    ) AND NOT {_FORBORNE.format(loan_id="state.loan_id")}
    UNION ALL
    SELECT loan_id, kind, 1 FROM delinquency_flag flag
    WHERE starts_on < %(day)s AND (ends_on IS NULL OR ends_on >= %(day)s) AND {of("loan_id")}
        AND NOT EXISTS (
            SELECT FROM loans_closure closure WHERE closure.loan_id = flag.loan_id
            AND closure.closed_on < %(day)s AND closure.reopened_on IS NULL
        )"""

# Who is cured has no cause to be in default, so that the two never meet.
_JUDGE = f"""
    WITH state AS MATERIALIZED ({STATE}),
    cured AS (
        UPDATE delinquency_default unpaid SET cured_on = %(day)s
        WHERE cured_on IS NULL AND superseded_on IS NULL AND {of("loan_id")}
            AND NOT EXISTS (SELECT FROM state WHERE state.loan_id = unpaid.loan_id)
            AND NOT EXISTS (
                SELECT FROM delinquency_flag flag WHERE flag.loan_id = unpaid.loan_id
                AND flag.starts_on < %(day)s AND (flag.ends_on IS NULL OR flag.ends_on >= %(day)s)
            )
            AND NOT EXISTS (
                SELECT FROM loans_closure closure WHERE closure.loan_id = unpaid.loan_id
                AND closure.reason = '{Closure.Reason.CHARGED_OFF}' AND closure.reopened_on IS NULL
            )
        RETURNING 1
    ),
    defaulted AS (
        INSERT INTO delinquency_default (loan_id, cycle_no, defaulted_on, reason, due_at)
        SELECT DISTINCT ON (loan_id) loan_id, 1 + (
                   SELECT count(*) FROM delinquency_default earlier
                   WHERE earlier.loan_id = cause.loan_id AND earlier.superseded_on IS NULL
               ), %(day)s, reason, %(due_at)s
        FROM ({_CAUSES}) cause
        WHERE NOT EXISTS (
            SELECT FROM delinquency_default unpaid WHERE unpaid.loan_id = cause.loan_id
            AND unpaid.cured_on IS NULL AND unpaid.superseded_on IS NULL
        )
        ORDER BY loan_id, rank
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM cured), (SELECT count(*) FROM defaulted)"""

# The row of D belongs to what is charged off and must be there; and none after it, or its interest would stay behind.
_LOSSES = f"""
    WITH state AS MATERIALIZED ({STATE})
    SELECT state.loan_id, state.number, CASE
               WHEN accrual.id IS NULL
                   THEN 'it is to be charged off, but its interest of ' || %(day)s::date || ' is not accrued: mend that'
               WHEN EXISTS (
                   SELECT FROM loans_accrual later WHERE later.loan_id = state.loan_id
                   AND later.accrual_date = %(day)s::date + 1 AND later.reversal_id IS NULL
               ) THEN 'it is to be charged off, but accrued beyond ' || %(day)s::date || ': the next night does it'
           END
    FROM state
    JOIN loans_product product ON product.id = state.product_id AND state.dpd >= product.charge_off_dpd
    LEFT JOIN loans_accrual accrual ON accrual.loan_id = state.loan_id AND accrual.accrual_date = %(day)s
        AND accrual.component = 'interest' AND accrual.reversal_id IS NULL
    WHERE NOT {_FORBORNE.format(loan_id="state.loan_id")} AND NOT EXISTS (
        SELECT FROM loans_closure closure WHERE closure.loan_id = state.loan_id AND closure.reopened_on IS NULL
    )
    ORDER BY state.loan_id"""

_LOST = f"""
    SELECT loan_id, %(day)s::date AS effective_date, -principal AS principal, -interest AS interest, -fees AS fees,
           0 AS overpaid, 0 AS recovered, '' AS reference
    FROM ({owed("%(loan_ids)s", moved_before="'infinity'")}) owed ORDER BY loan_id"""


@transaction.atomic
def detect_defaults(
    *,
    business_date: date,
    run_id: int | None = None,
    due_at: datetime | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Begin and cure defaults up to the business date, and charge off on it what has reached the limit.

    A charge-off takes off the books what is posted, the interest of the business date included (settled rule 10); the
    loan is closed on that date. A loan whose data will not do is left out with its reason until a later night.
    Repeated, it writes nothing.

    Args:
        business_date: D; payments effective before it count.
        run_id: the run that books.
        due_at: when its window was due; none when done by hand.
        only: the numbers of the loans to do of those that a night left out; None means all loans.

    Raises:
        PeriodClosedError: the month of the business date is closed.
    """
    detection = Detection(booking=Booking(entry_date=business_date, run_id=run_id, due_at=due_at))
    walk = Walk(job=Job.DEFAULTS, step=detection.do, run_id=run_id, due_at=due_at)
    if only is None:
        bad = walk.through(business_date)
    else:
        known = loan_ids(only)
        bad = walk.again(list(known.values())) + [bad_loan(number, UNKNOWN) for number in only if number not in known]
    return Outcome(counts=detection.counts, quarantined=bad)


class Detection:
    """One run's days, and what they changed; without a booking nothing is charged off."""

    def __init__(self, *, booking: Booking | None = None) -> None:
        self._booking = booking
        self.counts = {"defaulted": 0, "cured": 0, "charged_off": 0}

    def do(self, share: Share) -> Mapping[int, BadItem]:
        """Write what changed on a day; return the loans that cannot be judged."""
        bad = faults(share)
        lost, misfits = self._losses(share.but(list(bad)))
        bad |= misfits
        parameters = share.but(list(bad)).parameters
        with connection.cursor() as cursor:
            cursor.execute(_JUDGE, parameters)
            cured, defaulted = cursor.fetchone()
        self.counts["cured"] += cured
        self.counts["defaulted"] += defaulted
        if lost and self._booking:
            self._charge_off(lost, self._booking)
        return bad

    def _losses(self, share: Share) -> tuple[list[int], dict[int, BadItem]]:
        """Return the loans to charge off, and those that should be and cannot; only on the night that books."""
        if self._booking is None or share.day != self._booking.entry_date:
            return [], {}
        with connection.cursor() as cursor:
            cursor.execute(_LOSSES, share.parameters)
            found = cursor.fetchall()
        misfits = {loan_id: bad_loan(number, reason) for loan_id, number, reason in found if reason}
        return [loan_id for loan_id, _, reason in found if not reason], misfits

    def _charge_off(self, loan_ids: Sequence[int], booking: Booking) -> None:
        parameters = {"day": booking.entry_date, "loan_ids": list(loan_ids)}
        book(_LOST, parameters, kind=Transaction.Kind.CHARGE_OFF, booking=booking)
        close(loan_ids=loan_ids, closed_on=booking.entry_date, reason=Closure.Reason.CHARGED_OFF, booking=booking)
        self.counts["charged_off"] += len(loan_ids)
