"""What secures a loan: liens, their continuations, the alerts before they lapse, and their release."""

from django.db import models
from django.db.models import Q

from loans.models import Loan
from tenants.history import AppendOnly


class Lien(models.Model):
    """A security interest, perfected by a filing that lapses or by a title that does not."""

    class Kind(models.TextChoices):
        """How it is perfected, and hence for how long (UCC 9-515(a), (b))."""

        UCC = "ucc", "a financing statement: five years"
        MANUFACTURED_HOME = "manufactured home", "a financing statement of a manufactured home: thirty years"
        TITLE = "title", "noted on a certificate of title: no expiry"

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT)
    #: The filing's or the title's number.
    reference = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.UCC)
    collateral = models.CharField(max_length=120, blank=True)
    filed_on = models.DateField(null=True, blank=True)
    #: The last day of the collateral's insurance; a renewal moves it.
    insured_until = models.DateField(null=True, blank=True)
    #: The first day on which the filing was no longer effective.
    lapsed_on = models.DateField(null=True, blank=True, editable=False)
    #: The day on which the termination was filed or the title handed over.
    released_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.reference


class Continuation(AppendOnly):
    """A continuation statement as filed. One filed outside of the last six months is void (UCC 9-515(d), 9-510(c))."""

    lien = models.ForeignKey(Lien, on_delete=models.PROTECT, db_index=False, related_name="continuations")
    filed_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lien", "filed_on"], name="compliance_continuation_key")]

    def __str__(self) -> str:
        return f"{self.lien_id} continued on {self.filed_on}"


class LienAlert(AppendOnly):
    """Somebody must be told that a filing or an insurance ends in so many days; once for each threshold of each end."""

    class Of(models.TextChoices):
        FILING = "filing"
        INSURANCE = "insurance"

    lien = models.ForeignKey(Lien, on_delete=models.PROTECT, db_index=False, related_name="alerts")
    of = models.CharField(max_length=9, choices=Of)
    #: The last day of what ends.
    expires_on = models.DateField()
    #: Days before it.
    threshold = models.PositiveSmallIntegerField()
    #: The business date that wrote it.
    alerted_on = models.DateField(db_index=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lien", "of", "expires_on", "threshold"], name="compliance_lienalert_key")
        ]

    def __str__(self) -> str:
        return f"{self.of} of {self.lien_id} ends on {self.expires_on}: {self.threshold} days"


class Release(AppendOnly):
    """The task to release a lien, for its loan is paid; it is done when the lien has its `released_on`."""

    updatable = ("withdrawn_on",)

    lien = models.ForeignKey(Lien, on_delete=models.PROTECT, db_index=False, related_name="releases")
    #: The day the loan was paid.
    paid_on = models.DateField()
    #: A termination statement of consumer goods is due within a month (UCC 9-513(b)).
    due_on = models.DateField()
    #: The business date that wrote it.
    asked_on = models.DateField()
    #: The business date that found the loan owed again, e.g. because the payment came back.
    withdrawn_on = models.DateField(null=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lien", "paid_on"], condition=Q(withdrawn_on=None), name="compliance_release_key"
            )
        ]

    def __str__(self) -> str:
        return f"release of {self.lien_id} by {self.due_on}"
