"""What gives compliance work in the world's nights: a protected borrower, two disputes, and liens that end."""

from datetime import date

from compliance.models import Dispute, Lien, Report, Rule
from loans.models import Loan
from tests.conformance.poisons import Poison

CAP = {"status": "scra", "max_rate": "0.06"}


def build():
    """Put it into the tenant's schema that the connection is in.

    The first night finds three things; on the 3rd a dispute is found answered, on the 5th the other one overdue. On
    the 2nd a filing has thirty days left, on the 4th another has lapsed; a paid loan's lien is to be released.
    """
    Report.objects.create(
        kind="status", matter="scra", loan_number="LN-11", since=date(2023, 12, 20), reported_on=date(2023, 12, 21)
    )
    dispute("DIS-1", "LN-02", due_on=date(2024, 1, 4))
    dispute("DIS-2", "LN-04", due_on=date(2024, 1, 3), answered_on=date(2024, 1, 2))
    lien("UCC-1", "LN-06", filed_on=date(2019, 2, 1))
    lien("UCC-2", "LN-08", filed_on=date(2019, 1, 3))
    lien("UCC-3", "LN-09", filed_on=date(2021, 5, 5))
    lien("UCC-4", "LN-10", filed_on=date(2019, 2, 1))


def dispute(reference, number, **days):
    Dispute.objects.create(reference=reference, loan=loan(number), received_on=date(2023, 12, 5), **days)


def lien(reference, number, *, filed_on):
    Lien.objects.create(reference=reference, loan=loan(number), filed_on=filed_on)


def loan(number):
    return Loan.objects.get(number=number)


def _give_the_cap(parameters):
    return lambda _night: Rule.objects.filter(code="scra-rate-cap").update(parameters=parameters)


def _file_on(day):
    return lambda _night: Lien.objects.filter(reference="UCC-4").update(filed_on=day)


POISONS = {
    "daily-compliance-monitor-poll": Poison(
        key="scra-rate-cap", loan="scra-rate-cap", spoil=_give_the_cap({"status": "scra"}), mend=_give_the_cap(CAP)
    ),
    "daily-lien-expiration-check": Poison(
        key="UCC-4", loan="UCC-4", spoil=_file_on(None), mend=_file_on(date(2019, 2, 1))
    ),
}
