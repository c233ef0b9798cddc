"""Whether a borrower may be contacted, and the contacts that people have had: what the contact rules are judged by."""

from django.db import models
from django.db.models import F, Q

from loans.models import Borrower, Loan
from tenants.history import AppendOnly


class Channel(models.TextChoices):
    """The ways to reach a borrower."""

    EMAIL = "email", "e-mail"
    SMS = "sms", "text message"
    LETTER = "letter"
    CALL = "call", "telephone call"


class ContactPreference(AppendOnly):
    """What a borrower said of being contacted, or what the law makes of who speaks for them.

    Text messages need consent (47 U.S.C. 227); every other channel may be used until it is opted out of (12 CFR
    1006.6(e), 1006.14(h)).
    """

    class Kind(models.TextChoices):
        CONSENT = "consent", "agrees to be contacted by this channel"
        OPT_OUT = "opt-out", "wants nothing by this channel"
        CEASE_CONTACT = "cease-contact", "wants no contact at all (12 CFR 1006.6(c))"
        ATTORNEY = "attorney", "is represented by an attorney (12 CFR 1006.6(b)(2))"

    updatable = ("ends_on",)

    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=13, choices=Kind)
    #: Empty where it is about all channels.
    channel = models.CharField(max_length=6, choices=Channel, blank=True)
    starts_on = models.DateField()
    #: The last day, included; none while it lasts.
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["borrower", "kind", "channel", "starts_on"], name="casework_contactpreference_key"
            ),
            models.UniqueConstraint(
                fields=["borrower", "kind", "channel"],
                condition=Q(ends_on=None),
                name="casework_contactpreference_current",
            ),
            models.CheckConstraint(
                name="casework_contactpreference_is_possible",
                condition=(Q(kind__in=["consent", "opt-out"]) & ~Q(channel=""))
                | Q(kind__in=["cease-contact", "attorney"], channel=""),
            ),
            models.CheckConstraint(
                name="casework_contactpreference_ends_after", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.channel} from {self.starts_on}"


class ContactAttempt(AppendOnly):
    """An attempt of a person to reach a borrower about a loan; calls are limited by these (12 CFR 1006.14(b)(2))."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False)
    channel = models.CharField(max_length=6, choices=Channel)
    made_on = models.DateField()
    #: Whether there was a conversation.
    reached = models.BooleanField(default=False)
    made_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["loan", "made_on"], name="casework_contactattempt_loan")]

    def __str__(self) -> str:
        return f"{self.channel} on {self.made_on}"
