"""What gives statements work in the world's nights: on the 1st, some loans are stated by other cycles."""

from datetime import date, timedelta

from django.db.models import F

from loans.models import Accrual
from statements.services import set_cycle
from tests.conformance.poisons import Poison

SINCE = date(2023, 12, 1)
#: Archives hold many documents: those of statements that come later are others.
OF_MANY = {"files"}


def build():
    """Choose the cycles in the tenant's schema that the connection is in."""
    for number, cycle in (("LN-02", "biweekly"), ("LN-08", "biweekly"), ("LN-04", "quarterly"), ("LN-06", "quarterly")):
        set_cycle(loan_number=number, cycle=cycle, business_date=SINCE)


def _lack_interest(number):
    """Let the loan's interest of the period's last day be as if it had not been written, until it is mended."""

    def rows(night):
        return Accrual.objects.filter(loan__number=number, accrual_date=night - timedelta(days=1))

    return Poison(
        key=number,
        loan=number,
        spoil=lambda night: rows(night).update(reversal=F("entry")),
        mend=lambda night: rows(night).update(reversal=None),
    )


POISONS = {
    "monthly-statement-generation": _lack_interest("LN-07"),
    "biweekly-statement-generation": _lack_interest("LN-02"),
    "quarterly-statement-generation": _lack_interest("LN-04"),
}
