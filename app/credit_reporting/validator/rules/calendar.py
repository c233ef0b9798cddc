"""The rules that need to know the day on which a file is validated, and the month that it is about."""

from collections.abc import Callable
from datetime import date

from credit_reporting.validator.codes import PAID
from credit_reporting.validator.rules.rule import Parts, Rule, day


def day_rules(*, today: date) -> list[Rule]:
    """Return the rules of a file that is validated on a day, whatever its month."""
    last = f"{today:%Y%m%d}"

    def is_past(field: str) -> Callable[[Parts], bool]:
        return lambda parts: day(parts[field][:8]) <= last

    def creation_follows_activity(header: Parts) -> bool:
        return day(header["date_created"]) >= min(day(header["activity_date"]), last)

    dated = (
        *(("HEADER", "activity_date"), ("HEADER", "date_created")),
        *(("BASE", "time_stamp"), ("BASE", "date_of_account_information")),
    )
    return [
        *(Rule(segment, field, "must not lie in the future", is_past(field)) for segment, field in dated),
        Rule("HEADER", "date_created", "must not lie before the activity date", creation_follows_activity),
    ]


def month_rules(*, today: date, activity: str) -> list[Rule]:
    """Return the rules of base segments in the file of a month; none in that of a month that has not begun.

    Args:
        today: the day on which the file is validated; what lies after it is the business of `day_rules`.
        activity: the header's activity date as YYYYMMDD, which names the month.
    """
    last = f"{today:%Y%m%d}"
    if activity > last:
        return []

    def information_is_of_the_month(base: Parts) -> bool:
        known = day(base["date_of_account_information"])
        # A paid account gives the date paid, and keeps it when it is reported again.
        return known > last or (known <= activity and (known[:6] == activity[:6] or base["account_status"] in PAID))

    reason = "must lie in the month of the header's activity date, unless the status is 13 or 61-65, and not after it"
    return [Rule("BASE", "date_of_account_information", reason, information_is_of_the_month)]
