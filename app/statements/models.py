"""What borrowers were told of their loans, period by period, and how it reached them.

A statement is history: neither its row nor the document that the row has the hash of ever changes. What comes to light
later is an adjustment in the next one.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q

from common.money import ZERO
from loans.models import Borrower, Closure, Loan
from tenants.history import AppendOnly


class Cycle(models.TextChoices):
    """How often a loan's borrower gets a statement (settled rule 15)."""

    MONTHLY = "monthly", "on the 1st, of the calendar month before"
    BIWEEKLY = "biweekly", "on the 15th, of the 1st to the 14th, and on the 1st, of the rest of the month"
    QUARTERLY = "quarterly", "on the 1st of January, April, July and October, of the calendar quarter before"


#: Of a loan for which nobody chose one.
DEFAULT_CYCLE = Cycle.MONTHLY


class StatementCycle(AppendOnly):
    """A cycle that was chosen for a loan: it decides about the periods that end on `starts_on` or later."""

    updatable = ("cycle",)

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False)
    cycle = models.CharField(max_length=9, choices=Cycle)
    #: The business date on which it was chosen: what ended before is stated as it was to be.
    starts_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["loan", "starts_on"], name="statements_cycle_key")]

    def __str__(self) -> str:
        return f"{self.cycle} from {self.starts_on}"


class ElectronicConsent(AppendOnly):
    """A stretch in which a borrower agrees to get documents by e-mail instead of on paper (15 USC 7001(c))."""

    updatable = ("withdrawn_on",)

    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, db_index=False)
    given_on = models.DateField()
    withdrawn_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["borrower"], condition=Q(withdrawn_on=None), name="statements_consent_current"
            )
        ]

    def __str__(self) -> str:
        return f"since {self.given_on}"


def _money(**options: Any) -> "models.DecimalField[Decimal, Decimal]":
    return models.DecimalField(max_digits=16, decimal_places=2, **options)


class Statement(AppendOnly):
    """What happened on a loan in a period: all that was booked in it, and what stood at its end, in dollars.

    The balance is what is owed (principal, interest, fees) less what was overpaid. The database holds that a
    statement adds up, that each begins the day after the one before it, and with its closing balance.
    """

    class Variant(models.TextChoices):
        ORDINARY = "ordinary"
        #: For information, and no demand (12 CFR 1026.41(f)).
        BANKRUPTCY = "bankruptcy"

    natural_key = ("loan", "period_end")

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False, related_name="statements")
    #: The loan's at the period's end.
    cycle = models.CharField(max_length=9, choices=Cycle)
    period_start = models.DateField()
    #: The last day, included.
    period_end = models.DateField()
    #: The last day of the statement before; none on a loan's first.
    previous_end = models.DateField(null=True)
    variant = models.CharField(max_length=10, choices=Variant, default=Variant.ORDINARY)
    #: How the loan ended, if it has: the last statement, unless something is booked on the loan after all.
    ending = models.CharField(max_length=11, choices=Closure.Reason, blank=True)

    opening = _money()
    #: Lent, or boarded.
    charges = _money()
    interest = _money()
    fees = _money()
    #: What came in, less what was taken back.
    payments = _money()
    waived = _money()
    charged_off = _money()
    #: What was booked in the period and counts for an earlier day; and what was booked late, with an earlier date.
    adjustments = _money()
    closing = _money()

    #: What the closing balance is made of.
    principal_owed = _money()
    interest_owed = _money()
    fees_owed = _money()
    overpaid = _money()

    #: The next instalment that is not paid, and what is missing of it; none when no more is to come.
    next_due = models.DateField(null=True)
    scheduled = _money(default=ZERO)
    #: What payments before the next day did not cover of instalments that were due by the period's end, and all fees,
    #: which are due when they are assessed.
    past_due = _money(default=ZERO)
    amount_due = _money(default=ZERO)
    #: The due date of the oldest instalment that is past due.
    oldest_due = models.DateField(null=True)

    #: Booked since 1 January of the year in which the period ends.
    interest_ytd = _money()
    fees_ytd = _money()
    #: What payments of that year were spent on; what was overpaid is in none of them.
    paid_principal_ytd = _money()
    paid_interest_ytd = _money()
    paid_fees_ytd = _money()

    #: Of the document (HTML, UTF-8).
    sha256 = models.CharField(max_length=64)
    #: The archive in the default storage that has the document; which others are in it depends on the run.
    stored_in = models.CharField(max_length=200)
    run_id = models.BigIntegerField(null=True)
    #: When the writing run's window was due; none when written by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan", "period_end"], name="statements_statement_key"),
            models.CheckConstraint(
                name="statements_statement_adds_up",
                condition=Q(
                    closing=F("opening")
                    + F("charges")
                    + F("interest")
                    + F("fees")
                    - F("payments")
                    - F("waived")
                    - F("charged_off")
                    + F("adjustments")
                ),
            ),
            models.CheckConstraint(
                name="statements_closing_is_what_is_owed",
                condition=Q(closing=F("principal_owed") + F("interest_owed") + F("fees_owed") - F("overpaid")),
            ),
            models.CheckConstraint(
                name="statements_due_adds_up", condition=Q(amount_due=F("scheduled") + F("past_due"))
            ),
            models.CheckConstraint(name="statements_period_is_one", condition=Q(period_end__gte=F("period_start"))),
            # Which statement it follows, and with what balance, is a foreign key (0002); it ends the day before.
            models.CheckConstraint(
                name="statements_period_follows",
                condition=Q(previous_end=None) | Q(period_start=F("previous_end") + timedelta(days=1)),
            ),
            models.UniqueConstraint(fields=["loan", "previous_end"], name="statements_one_follows"),
            models.UniqueConstraint(
                fields=["loan"], condition=Q(previous_end=None), name="statements_one_is_the_first"
            ),
        ]
        indexes = [models.Index(fields=["period_end"], name="statements_period_end")]

    def __str__(self) -> str:
        return f"{self.loan_id} through {self.period_end}"


class Delivery(AppendOnly):
    """How a statement left: by e-mail, or as a row that the print vendor's list is made of."""

    class Channel(models.TextChoices):
        EMAIL = "e-mail"
        PAPER = "paper"

    statement = models.OneToOneField(Statement, on_delete=models.PROTECT)
    channel = models.CharField(max_length=6, choices=Channel)
    #: The business date on which the relay took it.
    delivered_on = models.DateField(db_index=True)

    def __str__(self) -> str:
        return f"by {self.channel} on {self.delivered_on}"
