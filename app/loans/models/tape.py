"""The tape a loan came with."""

from django.db import models

from loans.identity import NOBODY
from tenants.history import AppendOnly


class TapeRow(AppendOnly):
    """A line of the tape a loan came with: the proof of what was transferred, and the memo of what was paid before."""

    #: Who owes, while the line is boarded; it is kept with the borrower, sealed, and never here.
    identity = NOBODY

    loan_number = models.CharField(max_length=40, primary_key=True)
    line = models.PositiveIntegerField()
    #: The day of the servicing transfer.
    as_of = models.DateField()
    #: Digest of the line's values: the same line boards once, another one for the same loan is refused. Who owes is
    #: left out: with all the rest known, trying a thousand million numbers would find the one that fits.
    fingerprint = models.UUIDField()
    #: Due date of the oldest unpaid instalment at the transfer; none when the loan was closed.
    oldest_due = models.DateField(null=True)
    state = models.CharField(max_length=2)
    homeownership = models.CharField(max_length=20)
    annual_income = models.DecimalField(max_digits=14, decimal_places=2)
    loan_purpose = models.CharField(max_length=40)
    application_type = models.CharField(max_length=20)
    loan_amount = models.DecimalField(max_digits=14, decimal_places=2)
    term = models.PositiveSmallIntegerField()
    #: Percent a year.
    interest_rate = models.DecimalField(max_digits=8, decimal_places=6)
    installment = models.DecimalField(max_digits=14, decimal_places=2)
    grade = models.CharField(max_length=2)
    sub_grade = models.CharField(max_length=3)
    issued_on = models.DateField()
    loan_status = models.CharField(max_length=20)
    disbursement_method = models.CharField(max_length=20)
    balance = models.DecimalField(max_digits=14, decimal_places=2)
    # Memo figures, kept as published; some have more than two decimals.
    paid_total = models.DecimalField(max_digits=30, decimal_places=14)
    paid_principal = models.DecimalField(max_digits=30, decimal_places=14)
    paid_interest = models.DecimalField(max_digits=30, decimal_places=14)
    paid_late_fees = models.DecimalField(max_digits=30, decimal_places=14)

    def __str__(self) -> str:
        return f"{self.loan_number} as of {self.as_of}"
