"""Late fees: once for an instalment that is not paid when its grace is over."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from common.outcomes import Outcome
from fees.services.assessing import Assessment
from fees.services.late_sql import CANDIDATES
from loans.services.booking import Booking


@transaction.atomic
def assess_late_fees(
    *,
    business_date: date,
    run_id: int | None = None,
    due_at: datetime | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Assess the late fees that are due on the business date, or were on a night that was missed.

    A fee bears the day after the grace, or after a payment was taken back, whatever night finds it (settled rule 11).
    No fee on an instalment with a forbearance between its due date and that day, nor on one whose grace was over when
    the loan came to us; never a second one for an instalment. A loan whose borrower has no state is left out.

    Args:
        business_date: D; payments effective before it count.
        run_id: the run that books.
        due_at: when its window was due; none when done by hand.
        only: the numbers of the loans to do; None means all.

    Raises:
        PeriodClosedError: the month of the business date is closed.
    """
    booking = Booking(entry_date=business_date, run_id=run_id, due_at=due_at)
    return Assessment(candidates=CANDIDATES, booking=booking, only=only).run()
