"""Nights that assess fees, and what they assessed."""

from fees.models import Fee
from fees.services import assess_late_fees, assess_scheduled_fees
from loans.models import Transaction


def late(day, **options):
    return assess_late_fees(business_date=day, **options)


def scheduled(day, **options):
    return assess_scheduled_fees(business_date=day, **options)


def fees(loan=None):
    """Return (date, amount) of the fees that stand, in order."""
    rows = Fee.objects.filter(reversed_on=None, **({"loan": loan} if loan else {}))
    return list(rows.order_by("loan", "assessed_on").values_list("assessed_on", "amount"))


def movements(*kinds):
    """Return (effective date, kind, fees, reference, entry date) of these kinds."""
    rows = Transaction.objects.filter(kind__in=kinds).order_by("effective_date", "id")
    return list(rows.values_list("effective_date", "kind", "fees", "reference", "entry__entry_date"))
