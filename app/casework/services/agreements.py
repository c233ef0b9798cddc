"""When people work, and how long cases may take: calendars with their holidays, and SLAs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from casework.business_hours import Hours
from casework.exceptions import BadArrangementError, NoSuchError
from casework.models import Calendar, Holiday, OpeningHours, Sla

ONE_DAY = timedelta(days=1)


@transaction.atomic
def define_calendar(*, code: str, zone: str, hours: Sequence[Hours], closed_on: Mapping[date, str]) -> Calendar:
    """Make a calendar, or give one other hours; holidays are added to those it has.

    Args:
        code: what it is called.
        zone: the IANA name of its time zone.
        hours: its week.
        closed_on: holidays and what they are called.

    Raises:
        BadArrangementError: there is no such zone, it never opens, or hours of a day overlap.
    """
    _refuse_bad(code, zone, hours)
    calendar, _made = Calendar.objects.update_or_create(code=code, defaults={"zone": zone})
    calendar.hours.all().delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(calendar=calendar, weekday=one.weekday, opens=one.opens, closes=one.closes) for one in hours
    )
    Holiday.objects.bulk_create(
        (Holiday(calendar=calendar, day=day, name=name) for day, name in closed_on.items()), ignore_conflicts=True
    )
    return calendar


def public_holidays(country: str, years: Iterable[int]) -> dict[date, str]:
    """Return a country's public holidays of some years, as observed, with their names.

    Args:
        country: ISO 3166-1, with a subdivision if wanted, e.g. `US` or `US-CA`.
        years: the years.

    Raises:
        BadArrangementError: nothing is known of that country.
    """
    import holidays  # See payments.calendar: a second at the start of each process.

    name, _, subdivision = country.partition("-")
    try:
        return dict(holidays.country_holidays(name, subdiv=subdivision or None, years=list(years)))
    except NotImplementedError as error:
        raise BadArrangementError(f"country {country}", "its holidays are not known: give them one by one") from error


def _refuse_bad(code: str, zone: str, hours: Sequence[Hours]) -> None:
    name = f"calendar {code}"
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError) as error:
        raise BadArrangementError(name, f"{zone} is no time zone like America/New_York") from error
    if not hours:
        raise BadArrangementError(name, "it never opens")
    week = sorted(hours, key=lambda one: (one.weekday, one.opens))
    if any(one.closes <= one.opens for one in week):
        raise BadArrangementError(name, "a day closes before it opens")
    for _weekday, day in groupby(week, key=lambda one: one.weekday):
        if any(later.opens < earlier.closes for earlier, later in pairwise(day)):
            raise BadArrangementError(name, "hours of a day overlap")


@transaction.atomic
def define_sla(
    *,
    code: str,
    kind: str,
    calendar_code: str,
    target: timedelta,
    starts_on: date,
    warn_percent: int = 80,
    escalate_percent: int = 100,
) -> Sla:
    """Hold the cases of a kind to a time, those opened from a day on; the SLA of that code before ends the day before.

    Args:
        code: what it is called.
        kind: one of `Case.Kind`.
        calendar_code: the calendar whose opening time counts.
        target: the opening time a case may take.
        starts_on: the first day on which such a case is opened.
        warn_percent: how much of the target passes before people are warned.
        escalate_percent: how much of it passes before the case becomes urgent; 100 with the breach.

    Raises:
        NoSuchError: there is no such calendar.
        BadArrangementError: the figures make no sense, or it holds from a later day already.
    """
    calendar = Calendar.objects.filter(code=calendar_code).first()
    if calendar is None:
        raise NoSuchError("calendar", calendar_code)
    if target <= timedelta(0) or not 0 < warn_percent < 100 <= escalate_percent:  # noqa: PLR2004 - percents
        raise BadArrangementError(f"SLA {code}", "it takes a time, warns before 100 % and escalates at 100 % or later")
    same = Sla.objects.filter(code=code)
    if same.filter(Q(starts_on__gte=starts_on) | Q(ends_on__gte=starts_on)).exists():
        raise BadArrangementError(f"SLA {code}", f"it holds after {starts_on} already; choose a later day")
    same.filter(ends_on=None).update(ends_on=starts_on - ONE_DAY)
    return Sla.objects.create(
        code=code,
        kind=kind,
        calendar=calendar,
        target=target,
        warn_percent=warn_percent,
        escalate_percent=escalate_percent,
        starts_on=starts_on,
    )
