"""When a borrower may be disturbed: between 8 in the morning and 9 in the evening where they live (12 CFR 1006.6(b)).

All that is known of where they live is the state. Where a state lies in two zones, both must agree.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from casework.exceptions import NoZoneError

OPENS, CLOSES = time(8), time(21)

_EASTERN, _CENTRAL, _MOUNTAIN, _PACIFIC = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
# Those of states and territories (49 CFR 71). The Navajo part of Arizona has daylight saving time, the rest none.
_STATES = {
    (_EASTERN,): "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
    (_EASTERN, _CENTRAL): "FL IN KY MI TN",
    (_CENTRAL,): "AL AR IA IL LA MN MO MS OK WI",
    (_CENTRAL, _MOUNTAIN): "KS ND NE SD TX",
    (_MOUNTAIN,): "CO MT NM UT WY",
    (_MOUNTAIN, _PACIFIC): "ID NV OR",
    (_PACIFIC,): "CA WA",
    ("America/Phoenix", _MOUNTAIN): "AZ",
    ("America/Anchorage", "America/Adak"): "AK",
    ("Pacific/Honolulu",): "HI",
    ("America/Puerto_Rico",): "PR",
    ("America/St_Thomas",): "VI",
    ("Pacific/Pago_Pago",): "AS",
    ("Pacific/Guam",): "GU",
    ("Pacific/Saipan",): "MP",
}
_ZONES = {state: zones for zones, states in _STATES.items() for state in states.split()}
STATES = frozenset(_ZONES)


def zones_of(state: str) -> tuple[ZoneInfo, ...]:
    """Return the time zones of a state, as the post abbreviates it.

    Raises:
        NoZoneError: nobody knows what time it is there.
    """
    if state not in _ZONES:
        raise NoZoneError(state)
    return tuple(ZoneInfo(name) for name in _ZONES[state])


def may_disturb(moment: datetime, state: str) -> bool:
    """Return whether it is between 8 and 21 o'clock in all of a state, at an aware `moment`."""
    return not _asleep(moment, zones_of(state))


def first_chance(moment: datetime, state: str) -> datetime:
    """Return the earliest instant, not before `moment` (aware), at which a state's borrowers may be disturbed; UTC."""
    zones = zones_of(state)
    while asleep := _asleep(moment, zones):
        moment = max(_eight_after(moment, zone) for zone in asleep)
    return moment.astimezone(UTC)


def morning(business_date: date, state: str) -> datetime:
    """Return the 8 o'clock in all of a state that follows the night of a business date (settled rule 18); UTC."""
    night = datetime.combine(business_date, time(), UTC)
    return first_chance(max(_eight_after(night, zone) for zone in zones_of(state)), state)


def _asleep(moment: datetime, zones: Sequence[ZoneInfo]) -> list[ZoneInfo]:
    return [zone for zone in zones if not OPENS <= moment.astimezone(zone).time() < CLOSES]


def _eight_after(moment: datetime, zone: ZoneInfo) -> datetime:
    local = moment.astimezone(zone)
    day = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
    # No zone moves its clocks between 3 and 24 o'clock: there is one 8 o'clock a day.
    return datetime.combine(day, OPENS, zone)
