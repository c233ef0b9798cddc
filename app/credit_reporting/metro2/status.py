"""The rules by which an account's state becomes codes and dates, and last period's report part of this one's.

Source: Credit Reporting Resource Guide (CDIA), fields account status, payment rating, payment history profile and date
of first delinquency, as public parsers restate them.
"""

from bisect import bisect_right
from datetime import date, timedelta
from typing import NamedTuple

from credit_reporting.metro2.exceptions import MissingDueDateError, UnknownStatusError

CURRENT, TRANSFERRED, PAID, CHARGED_OFF = "11", "05", "13", "97"
FIRST_DELINQUENCY_AFTER = timedelta(days=30)
NO_HISTORY_BEFORE, NO_HISTORY_THIS_MONTH = "B", "D"
PROFILE_LENGTH = 24

_DAYS = (30, 60, 90, 120, 150, 180)
_BY_DAYS = (CURRENT, "71", "78", "80", "82", "83", "84")
_HISTORY = {
    **dict(zip(_BY_DAYS, "0123456", strict=True)),
    **dict(zip(("93", "94", "95", "96", CHARGED_OFF), "GHJKL", strict=True)),
    # Paid after a surrender, in collection, after a repossession or a charge-off: what was true until then.
    **dict(zip(("61", "62", "63", "64"), "JGKL", strict=True)),
    **dict.fromkeys(("DA", "DF"), NO_HISTORY_THIS_MONTH),
}
_REMEMBERED_BY_RATING = frozenset({TRANSFERRED, PAID, "65", "88", "89"})
_RATED = _REMEMBERED_BY_RATING | {"94", "95"}
_RATINGS = frozenset("0123456GL")
_DELINQUENT_BY_RATING = frozenset({TRANSFERRED, PAID})
_DELINQUENT = frozenset(_HISTORY) - {CURRENT, "DA", "DF"} | {"65", "88", "89"}


class Reported(NamedTuple):
    """What the last file said of an account, from which the next one goes on."""

    account_status: str
    payment_rating: str
    payment_history_profile: str
    date_of_first_delinquency: date | None

    @property
    def is_delinquent(self) -> bool:
        """Whether a delinquency was reported that has a date."""
        return is_delinquent(self.account_status, self.payment_rating) and self.date_of_first_delinquency is not None


def days_past_due(as_of: date, oldest_due: date | None) -> int:
    """Return the days since the due date of the oldest unpaid instalment (None: nothing is unpaid), at least 0."""
    return max(0, (as_of - oldest_due).days) if oldest_due else 0


def account_status(days: int) -> str:
    """Return the status of an open account that is so many days past due."""
    return _BY_DAYS[bisect_right(_DAYS, days)]


def payment_rating(status: str, before: str) -> str:
    """Return the rating that goes with `status`: the account's standing before it (a status too); most have none.

    Paid on 22 March, 42 days past due: status 13, before it 71, so rating 1.

    Raises:
        UnknownStatusError: if `before` is no standing that can be rated.
    """
    if status not in _RATED:
        return ""
    rating = history_code(before)
    if rating not in _RATINGS:
        raise UnknownStatusError(before, "")
    return rating


def history_code(status: str, rating: str = "") -> str:
    """Return the character by which a later profile remembers a period of this status and payment rating.

    Raises:
        UnknownStatusError: if that is no status, or one that needs a rating and has none.
    """
    if status in _REMEMBERED_BY_RATING and rating in _RATINGS:
        return rating
    if status not in _HISTORY:
        raise UnknownStatusError(status, rating)
    return _HISTORY[status]


def payment_history_profile(previous: Reported | None, *, unreported: int = 0) -> str:
    """Return this period's profile: last period's status in front of last period's profile; this one's is not in it.

    Args:
        previous: None if the account was never reported.
        unreported: how many whole periods lie between that report and this one.

    Raises:
        UnknownStatusError: if last period's status cannot be remembered.
    """
    if previous is None:
        return NO_HISTORY_BEFORE * PROFILE_LENGTH
    latest = history_code(previous.account_status, previous.payment_rating)
    profile = NO_HISTORY_THIS_MONTH * unreported + latest + previous.payment_history_profile
    return profile[:PROFILE_LENGTH]


def date_of_first_delinquency(
    *,
    status: str,
    rating: str = "",
    oldest_due: date | None,
    previous: Reported | None = None,
    was_current: bool = False,
    petition: date | None = None,
) -> date | None:
    """Return the day 30 days after the due date that began the delinquency, the same until it ends; None if current.

    Args:
        oldest_due: due date of the oldest instalment that is unpaid, or was until the account was paid or transferred.
        previous: what the last file said; a delinquency that it reported goes on, and so does its date.
        was_current: fewer than 30 days past due for a while since then, so that a delinquency of now is another.
        petition: when bankruptcy was filed, while the consumer information indicator says so; it is the date of an
            account that is current.

    Raises:
        MissingDueDateError: if a delinquency begins and `oldest_due` is None.
    """
    if not is_delinquent(status, rating):
        current = status == CURRENT or (status in _DELINQUENT_BY_RATING and rating == "0")
        return petition if current else None
    if previous and previous.is_delinquent and not was_current:
        return previous.date_of_first_delinquency
    if oldest_due is None:
        raise MissingDueDateError(status, rating)
    return oldest_due + FIRST_DELINQUENCY_AFTER


def is_delinquent(status: str, rating: str = "") -> bool:
    """Return whether such an account has a date of first delinquency."""
    return status in _DELINQUENT or (status in _DELINQUENT_BY_RATING and rating in _RATINGS - {"0"})
