"""What operators type of times and weeks."""

import re
from argparse import ArgumentTypeError
from datetime import UTC, datetime, time

from casework.business_hours import Hours

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(rf"(?P<first>{'|'.join(DAYS)})(-(?P<last>{'|'.join(DAYS)}))?=(?P<opens>[\d:]+)-(?P<closes>[\d:]+)")


def instant(text: str) -> datetime:
    """Read a time for argparse; without a zone it is UTC.

    Raises:
        ArgumentTypeError: it is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a time like 2024-02-29T16:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def hours(text: str) -> list[Hours]:
    """Read stretches of the week like `mon-fri=09:00-17:00` for argparse.

    Raises:
        ArgumentTypeError: it is none.
    """
    found = _HOURS.fullmatch(text)
    if found is None:
        raise ArgumentTypeError(f"{text!r} is not a stretch like mon-fri=09:00-17:00")
    try:
        opens, closes = time.fromisoformat(found["opens"]), time.fromisoformat(found["closes"])
    except ValueError:
        raise ArgumentTypeError(f"{text!r} has no times like 09:00-17:00") from None
    first = DAYS.index(found["first"])
    last = DAYS.index(found["last"] or found["first"])
    return [Hours(weekday=day, opens=opens, closes=closes) for day in range(first, last + 1)]
