"""Until when cases are to be worked: the opening hours of a calendar, and the time a case may take within them."""

from django.db import models
from django.db.models import F, Q

from tenants.history import AppendOnly


class Calendar(models.Model):
    """When a tenant's people work."""

    code = models.CharField(max_length=40, unique=True)
    #: The zone of its hours and holidays, as IANA calls it, e.g. America/New_York.
    zone = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.code


class OpeningHours(models.Model):
    """A stretch of a weekday; a day with a break has two."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="hours")
    #: 0 is Monday.
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        verbose_name_plural = "opening hours"
        constraints = [
            models.UniqueConstraint(fields=["calendar", "weekday", "opens"], name="casework_openinghours_key"),
            models.CheckConstraint(
                name="casework_openinghours_is_possible", condition=Q(weekday__lte=6, closes__gt=F("opens"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens}-{self.closes}"


class Holiday(models.Model):
    """A date on which nobody works."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="holidays")
    day = models.DateField()
    name = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "day"], name="casework_holiday_key")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class Sla(AppendOnly):
    """How long cases of a kind may take, in opening hours. Those opened from `starts_on` through `ends_on` are held to
    it to their end: a changed one is another row, for cases that are opened later.
    """

    natural_key = ("code", "starts_on")
    updatable = ("ends_on",)

    code = models.CharField(max_length=40)
    #: The cases it is for, one of `Case.Kind`.
    kind = models.CharField(max_length=15)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, db_index=False)
    target = models.DurationField()
    #: People are warned, and the case is escalated, when so much of the target has passed.
    warn_percent = models.PositiveSmallIntegerField(default=80)
    escalate_percent = models.PositiveSmallIntegerField(default=100)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        verbose_name = "SLA"
        constraints = [
            models.UniqueConstraint(fields=["code", "starts_on"], name="casework_sla_key"),
            models.UniqueConstraint(fields=["code"], condition=Q(ends_on=None), name="casework_sla_current"),
            models.CheckConstraint(
                name="casework_sla_is_possible",
                condition=Q(warn_percent__range=(1, 99), escalate_percent__gte=100)
                & (Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} from {self.starts_on}"
