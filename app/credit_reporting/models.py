"""What the bureaus are told: by whom, in which files, and of each loan month by month.

What was told is append-only. A corrected month is a further version of it: the records that it says otherwise are
superseded, and its files have names of their own.
"""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from loans.models import Loan, Product
from tenants.history import AppendOnly


class Bureau(models.TextChoices):
    """Who collects credit histories."""

    EQUIFAX = "equifax"
    EXPERIAN = "experian"
    INNOVIS = "innovis"
    TRANSUNION = "transunion"


class Reporter(models.Model):
    """Who a tenant is to the bureaus; a tenant has one, or reports nothing."""

    name = models.CharField(max_length=40)
    address = models.CharField(max_length=96)
    phone = models.CharField(max_length=10, validators=[RegexValidator(r"^\d{10}$", "ten digits and nothing else")])
    #: Stands in every record, the same month by month. After a change, one file announces the new one.
    identification_number = models.CharField(
        max_length=20, validators=[RegexValidator(r"^[0-9A-Z]{5,20}$", "5 to 20 capital letters and digits")]
    )
    #: The program ids that the bureaus gave; a bureau without one gets no file.
    equifax_id = models.CharField(max_length=10, blank=True)
    experian_id = models.CharField(max_length=5, blank=True)
    innovis_id = models.CharField(max_length=10, blank=True)
    transunion_id = models.CharField(max_length=10, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def program_ids(self) -> dict[Bureau, str]:
        """The program ids of the bureaus that get a file."""
        ids = {bureau: getattr(self, f"{bureau}_id") for bureau in Bureau}
        return {bureau: program_id for bureau, program_id in ids.items() if program_id}


class AccountKind(models.Model):
    """What the bureaus call the loans of a product; without it, unsecured instalment loans."""

    class Portfolio(models.TextChoices):
        INSTALMENT = "I", "instalment loan"
        MORTGAGE = "M", "mortgage"

    UNSECURED = "01"

    product = models.OneToOneField(Product, on_delete=models.PROTECT)
    portfolio_type = models.CharField(max_length=1, choices=Portfolio, default=Portfolio.INSTALMENT)
    #: E.g. 00 auto, 01 unsecured, 02 secured, 26 conventional mortgage.
    account_type = models.CharField(
        max_length=2, default=UNSECURED, validators=[RegexValidator(r"^[0-9A-Z]{2}$", "two capital letters or digits")]
    )

    def __str__(self) -> str:
        return f"{self.portfolio_type}{self.account_type}"


class Report(AppendOnly):
    """One version of what is said of a month, the same to every bureau."""

    # A record is known by its month: in which version it was said first does not matter.
    natural_key = ("activity_month",)

    #: The month's first day.
    activity_month = models.DateField()
    version = models.PositiveSmallIntegerField()
    #: The reporter's, as the records bear it; and the one they announce, if it has changed.
    identification_number = models.CharField(max_length=20)
    new_identification_number = models.CharField(max_length=20, blank=True)
    reported = models.PositiveIntegerField()
    held_back = models.PositiveIntegerField()
    warnings = models.PositiveIntegerField()
    #: The sum of the current balances, in whole dollars.
    balance = models.BigIntegerField()
    #: The counters of the trailer.
    totals = models.JSONField()
    #: The run that wrote it, and when its window was due; none when written by hand.
    run_id = models.BigIntegerField(null=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity_month", "version"], name="credit_reporting_report_key")
        ]

    def __str__(self) -> str:
        return f"{self.activity_month:%Y-%m} v{self.version}"


class Metro2File(AppendOnly):
    """A report as one bureau gets it, in the default storage. It holds identities in clear text: guard the storage."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="files", db_index=False)
    bureau = models.CharField(max_length=10, choices=Bureau)
    #: The file in the default storage.
    stored_in = models.CharField(max_length=200, unique=True)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "bureau"], name="credit_reporting_metro2file_key")]

    def __str__(self) -> str:
        return self.stored_in


class ReportedRecord(AppendOnly):
    """What was said of a loan's month: all of its record but who the borrower is. Next month's history comes from it.

    The fields are those of the base segment (`credit_reporting.metro2.records.Base`); amounts are whole dollars.
    """

    updatable = ("superseded_in",)

    # No foreign keys in the database, for the reason that `loans.models.Accrual` has none.
    #: The version that said it first; later ones repeat it.
    report = models.ForeignKey(Report, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    #: The version that says otherwise.
    superseded_in = models.ForeignKey(
        Report, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    activity_month = models.DateField()
    account_number = models.CharField(max_length=40)
    portfolio_type = models.CharField(max_length=1)
    account_type = models.CharField(max_length=2)
    date_opened = models.DateField()
    original_amount = models.IntegerField()
    terms_duration = models.CharField(max_length=3)
    scheduled_payment = models.IntegerField()
    actual_payment = models.IntegerField()
    account_status = models.CharField(max_length=2)
    payment_rating = models.CharField(max_length=1)
    payment_history_profile = models.CharField(max_length=24)
    special_comment = models.CharField(max_length=2)
    compliance_condition = models.CharField(max_length=2)
    current_balance = models.IntegerField()
    amount_past_due = models.IntegerField()
    original_charge_off = models.IntegerField()
    date_of_account_information = models.DateField()
    date_of_first_delinquency = models.DateField(null=True)
    date_closed = models.DateField(null=True)
    date_of_last_payment = models.DateField(null=True)
    interest_type = models.CharField(max_length=1)
    ecoa = models.CharField(max_length=1)
    consumer_information_indicator = models.CharField(max_length=2)
    #: Of the K4 segment: what is due at maturity beyond an ordinary instalment, since arrears were deferred to it.
    balloon_date = models.DateField(null=True)
    balloon_amount = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["activity_month", "loan"],
                condition=Q(superseded_in=None),
                name="credit_reporting_reportedrecord_key",
            )
        ]
        indexes = [models.Index(fields=["loan", "activity_month"], name="credit_reporting_record_loan")]

    def __str__(self) -> str:
        return f"{self.account_number} {self.account_status}"


class Finding(AppendOnly):
    """What is wrong with a loan's record: an error holds it back, a warning does not. It never says who somebody is."""

    class Severity(models.TextChoices):
        ERROR = "error"
        WARNING = "warning"

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="findings")
    #: None where it is about the whole report.
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, null=True, related_name="metro2_findings")
    severity = models.CharField(max_length=7, choices=Severity)
    reason = models.CharField(max_length=400)

    def __str__(self) -> str:
        return self.reason
