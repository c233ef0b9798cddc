"""What gives credit reporting work in the world's nights: a reporter, who tells of December on the first."""

from credit_reporting.models import Bureau
from credit_reporting.services import set_reporter
from loans.identity import NOBODY
from loans.models import Loan
from tests.conformance.poisons import Poison
from tests.conformance.world import somebody

VICTIM = "LN-04"
#: A month's report is one of many loans: that of a loan that comes later is another version.
OF_MANY = {"credit_reporting.Report", "credit_reporting.Metro2File", "credit_reporting.Finding", "files"}


def build():
    """Put it into the tenant's schema that the connection is in."""
    set_reporter(
        name="World Lending",
        address="1 Main St, Fresno CA 93650",
        phone="2025550100",
        identification_number="WORLD001",
        program_ids={Bureau.EQUIFAX: "EQ1", Bureau.TRANSUNION: "TU1"},
    )


def _know(who):
    """Let it be known who owes the victim's loan."""

    def know(_night):
        borrower = Loan.objects.get(number=VICTIM).borrower
        borrower.identity = who
        borrower.save()

    return know


POISONS = {
    "monthly-metro2-generation": Poison(key=VICTIM, loan=VICTIM, spoil=_know(NOBODY), mend=_know(somebody(VICTIM)))
}
