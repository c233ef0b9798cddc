"""Drafts from borrowers' bank accounts: who agreed to them, what was asked for, and what came back."""

from django.db import models
from django.db.models import Q

from common.money import ZERO
from common.sealing import SealedField
from loans.models import Borrower, Loan
from payments.accounts import opened_number, sealed_number
from payments.models.payment import Payment
from payments.processors.port import AccountType
from tenants.history import AppendOnly


class Company(models.Model):
    """Who collects, as the banks know it (`payments.processors.port.Originator`); a tenant has one."""

    company_name = models.CharField(max_length=16)
    company_id = models.CharField(max_length=10, unique=True)
    bank_routing = models.CharField(max_length=9)
    bank_name = models.CharField(max_length=23)

    class Meta:
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.company_name


class BankAccount(AppendOnly):
    """An account as the borrower gave it; a corrected one is a new row, so that history says what was used."""

    natural_key = ("borrower", "routing_number", "sealed_account_number")

    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT)
    holder = models.CharField(max_length=80)
    routing_number = models.CharField(max_length=9)
    #: `payments.accounts.sealed_number`.
    sealed_account_number = SealedField(db_column="account_number")
    account_type = models.CharField(max_length=8, choices=AccountType, default=AccountType.CHECKING)

    def __str__(self) -> str:
        return f"…{self.account_number[-4:]}"

    @property
    def account_number(self) -> str:
        """The number as the bank knows it, opened each time it is asked for."""
        return opened_number(self.sealed_account_number)

    @account_number.setter
    def account_number(self, number: str) -> None:
        self.sealed_account_number = sealed_number(number)


class Autopay(models.Model):
    """An agreement to draft what a loan's instalments ask for."""

    class Amount(models.TextChoices):
        INSTALMENT = "instalment", "what is missing of the instalment"
        ALL_DUE = "all due", "what is missing of it and of all earlier ones"
        FIXED = "fixed", "the same amount every time"

    natural_key = ("loan", "authorised_on")

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False)
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT)
    amount_type = models.CharField(max_length=10, choices=Amount, default=Amount.INSTALMENT)
    fixed_amount = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    #: Draft nothing while an earlier instalment is past due.
    only_if_current = models.BooleanField(default=False)
    #: Whether the loan is a covered one: two failures in a row stop all drafts from its consumer (12 CFR 1041.8(b)).
    covered = models.BooleanField(default=False)
    #: Instalments due after this day are drafted. A new authorisation also lifts what returns have stopped.
    authorised_on = models.DateField()
    #: The last day on which a draft may be due.
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "autopays"
        constraints = [
            models.UniqueConstraint(fields=["loan"], condition=Q(ends_on=None), name="payments_autopay_key"),
            models.CheckConstraint(
                name="payments_autopay_fixed_has_an_amount",
                condition=~Q(amount_type="fixed") | Q(fixed_amount__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} since {self.authorised_on}"


class Attempt(AppendOnly):
    """One draft for one due date, or why there was none. What the banks call it is its id."""

    natural_key = ("autopay", "due_date", "attempt_no")
    updatable = ("payment", "rejected")

    autopay = models.ForeignKey(Autopay, on_delete=models.PROTECT, db_index=False)
    due_date = models.DateField()
    #: 1 for the draft itself, 2 and 3 for its retries.
    attempt_no = models.PositiveSmallIntegerField()
    #: The business date that decided about it.
    decided_on = models.DateField()
    #: Why nothing was asked for.
    skipped = models.CharField(max_length=120, blank=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    #: The banking day on which it settles, which is the payment's effective date (settled rule 17).
    effective_on = models.DateField()
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT)
    #: The idempotency key under which it leaves through the outbox, with all that is drafted in one night.
    submission = models.CharField(max_length=60, blank=True)
    #: Why the processor took none of them.
    rejected = models.CharField(max_length=200, blank=True)
    #: Posted by the night of `effective_on`.
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, null=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["autopay", "due_date", "attempt_no"], name="payments_attempt_key"),
            models.CheckConstraint(
                name="payments_attempt_is_made_or_skipped",
                condition=(Q(skipped="", amount__gt=0) & ~Q(submission=""))
                | (~Q(skipped="") & Q(submission="", payment=None)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["effective_on"], condition=Q(payment=None, skipped=""), name="payments_attempt_pending"
            ),
            models.Index(fields=["submission"], condition=~Q(submission=""), name="payments_attempt_submission"),
        ]

    def __str__(self) -> str:
        return f"{self.autopay_id} due {self.due_date}, attempt {self.attempt_no}"


class AttemptReturn(AppendOnly):
    """A draft that came back unpaid."""

    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="came_back")
    code = models.CharField(max_length=3)
    #: The bank's date: the payment is taken back on it.
    returned_on = models.DateField()
    trace = models.CharField(max_length=15)
    source = models.CharField(max_length=120)
    due_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.code}"


class Poll(models.Model):
    """Where the next poll of the processor's returns begins: one row, moved in the transaction that took them."""

    cursor = models.TextField()

    def __str__(self) -> str:
        return self.cursor[-40:]
