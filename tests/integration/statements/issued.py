"""Issuing statements in tests, and reading back what they say."""

from datetime import timedelta

from statements.models import Statement
from statements.services import issue_statements
from tests.integration.payments.money import D, accrue

DAY = timedelta(days=1)
SUMS = ("opening", "charges", "interest", "fees", "payments", "waived", "charged_off", "adjustments", "closing")


def issue(day, *, cycle="monthly", only=None):
    """Run a cycle's job of a day, all chunks; return its outcome."""
    chunks = issue_statements(cycle=cycle, business_date=day, only=only)
    while True:
        try:
            next(chunks)
        except StopIteration as end:
            return end.value


def through(first, last):
    """Live through the nights from one day to another: interest is written, and statements are issued monthly."""
    day = first
    while day <= last:
        accrue(day)
        if day.day == 1:
            issue(day)
        day += DAY


def statement(end, loan="L1"):
    """Return a loan's statement through a day."""
    return Statement.objects.select_related("loan__borrower").get(loan__number=loan, period_end=end)


def sums(end, loan="L1"):
    """Return what a statement comes to, as text, without the zeros between opening and closing."""
    one = statement(end, loan)
    told = {name: str(getattr(one, name)) for name in SUMS}
    return {name: amount for name, amount in told.items() if amount != "0.00" or name in {"opening", "closing"}}


def periods(loan="L1"):
    """Return the first and last days of a loan's statements."""
    rows = Statement.objects.filter(loan__number=loan).order_by("period_end")
    return [f"{start}..{end}" for start, end in rows.values_list("period_start", "period_end")]


def amount(text):
    """Return dollars."""
    return D(text)
