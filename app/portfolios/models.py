"""Portfolios, the rules that loans come to them by, whose each loan was when, and what stood on it every night."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from loans.models import Loan, Product
from tenants.history import AppendOnly


class Portfolio(AppendOnly):
    """Loans that are looked at together, e.g. as one investor's; every tenant has one for what no rule names."""

    updatable = ("closed_on",)

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    #: Who answers for it, for people.
    owner = models.CharField(max_length=80, blank=True)
    #: Takes what no rule names, and cannot be closed.
    is_default = models.BooleanField(default=False)
    #: It takes part in the nights after this day …
    opened_on = models.DateField()
    #: … and through the night of this one.
    closed_on = models.DateField(null=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="portfolios_portfolio_default"
            ),
            models.CheckConstraint(
                name="portfolios_portfolio_is_possible",
                condition=~Q(code="")
                & (Q(closed_on=None) | Q(closed_on__gte=F("opened_on")))
                & (Q(is_default=False) | Q(closed_on=None)),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Rule(AppendOnly):
    """One version of what makes a loan belong to a portfolio: all that is said of it must hold.

    A night goes by the versions that were set before it; the first rule that fits decides, by priority, then by id.
    """

    updatable = ("until",)
    natural_key = ("code", "version")

    code = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField()
    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT)
    #: The lowest is asked first.
    priority = models.PositiveSmallIntegerField()
    #: It holds in the nights after this day …
    since = models.DateField()
    #: … and through the night of the day it was changed or ended.
    until = models.DateField(null=True)

    #: Codes of products, and states of borrowers; empty for any.
    products = ArrayField(models.CharField(max_length=40), default=list)
    states = ArrayField(models.CharField(max_length=2), default=list)
    #: Days past due, both included; a loan that is current has 0.
    dpd_from = models.PositiveIntegerField(null=True)
    dpd_through = models.PositiveIntegerField(null=True)
    #: Principal owed in dollars: at least the one, and less than the other.
    balance_from = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    balance_below = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    #: Both included.
    originated_from = models.DateField(null=True)
    originated_through = models.DateField(null=True)

    class Meta:
        ordering = ["priority", "id"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="portfolios_rule_key"),
            models.UniqueConstraint(fields=["code"], condition=Q(until=None), name="portfolios_rule_current"),
            models.CheckConstraint(
                name="portfolios_rule_is_possible",
                condition=~Q(code="")
                & (Q(until=None) | Q(until__gte=F("since")))
                & (Q(dpd_from=None) | Q(dpd_through=None) | Q(dpd_through__gte=F("dpd_from")))
                & (Q(balance_from=None) | Q(balance_below=None) | Q(balance_below__gt=F("balance_from")))
                & (
                    Q(originated_from=None)
                    | Q(originated_through=None)
                    | Q(originated_through__gte=F("originated_from"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class Membership(AppendOnly):
    """A stretch of nights in which a loan is in one portfolio.

    A loan's stretches are one chain: each begins where the one that it `follows` ends, one has none before it, and no
    two follow the same. So there is no gap and no overlap, by constraints alone (the key to the one before it is in
    the app's second migration).
    """

    updatable = ("until",)

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False)
    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT)
    #: What decided when it began; none where no rule fitted.
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, null=True, db_index=False)
    #: The first business date it holds on.
    since = models.DateField()
    #: The business date it no longer holds on; none while it does.
    until = models.DateField(null=True)
    #: The end of the one before: this one's beginning. None for a loan's first.
    follows = models.DateField(null=True)
    #: When the writing run's window was due; none when written by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan", "until"], name="portfolios_membership_ends_once"),
            models.UniqueConstraint(
                fields=["loan", "follows"], nulls_distinct=False, name="portfolios_membership_follows_once"
            ),
            models.CheckConstraint(
                name="portfolios_membership_is_possible",
                condition=(Q(until=None) | Q(until__gt=F("since"))) & (Q(follows=None) | Q(follows=F("since"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.portfolio_id} since {self.since}"


class Figures(models.Model):
    """Dollars, as booked (`loans.selectors.as_of`)."""

    principal = models.DecimalField(max_digits=20, decimal_places=2)
    #: Accrued and not paid.
    interest = models.DecimalField(max_digits=20, decimal_places=2)
    fees = models.DecimalField(max_digits=20, decimal_places=2)
    overpaid = models.DecimalField(max_digits=20, decimal_places=2)
    recovered = models.DecimalField(max_digits=20, decimal_places=2)

    class Meta:
        abstract = True


class Snapshot(Figures, AppendOnly):
    """What one loan was on one night, as of that night; never changed. The highest version is the one that counts."""

    class Status(models.TextChoices):
        CURRENT = "current"
        PAST_DUE = "past due"
        DEFAULTED = "defaulted"
        CHARGED_OFF = "charged off"
        FULLY_PAID = "fully paid"

    # No foreign keys in the database: a night writes a row for every loan, from the tables they point to.
    snapshot_date = models.DateField()
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    version = models.PositiveSmallIntegerField()
    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    #: Days past due, less those that were paused; and the first day of the product's bucket they fall into.
    dpd = models.PositiveIntegerField()
    bucket = models.PositiveIntegerField()
    status = models.CharField(max_length=11, choices=Status)
    #: When the writing run's window was due; none when written by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # The date comes first: a night fills the index's right edge, and is read in one stretch.
            models.UniqueConstraint(fields=["snapshot_date", "loan", "version"], name="portfolios_snapshot_key"),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} on {self.snapshot_date}"


class Total(Figures, AppendOnly):
    """The sums of a portfolio's snapshots of one night. The highest version is the one that counts."""

    snapshot_date = models.DateField()
    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, db_index=False)
    version = models.PositiveSmallIntegerField()
    loans = models.PositiveIntegerField()
    #: How many of them have days past due.
    past_due = models.PositiveIntegerField()
    #: When the writing run's window was due; none when written by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot_date", "portfolio", "version"], name="portfolios_total_key"),
        ]

    def __str__(self) -> str:
        return f"{self.portfolio_id} on {self.snapshot_date}"
