"""Published rates, entered as they are published: what rests on them is never changed behind its back."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from loans.exceptions import BadIndexValueError
from loans.models import IndexValue, RateIndex

#: Beyond these, in fractions of one a year, somebody has typed a wrong figure.
LOWEST, HIGHEST = Decimal("-0.10"), Decimal(1)
DECIMALS = 8


@transaction.atomic
def set_index_value(*, code: str, published_on: date, value: Decimal, today: date, is_new: bool = False) -> bool:
    """Enter what an index was; the same again changes nothing.

    Args:
        code: the index's.
        published_on: the day it was published.
        value: a fraction of one a year.
        today: the business date; no value is of a later day.
        is_new: whether the index may be one that no value was entered for before.

    Returns:
        Whether it was entered now.

    Raises:
        BadIndexValueError: the index is unknown, or the day or the value cannot be.
    """
    if published_on > today:
        raise BadIndexValueError(code, published_on.isoformat(), f"today is {today}: enter it when it is published")
    if not LOWEST <= value <= HIGHEST or value != round(value, DECIMALS):
        raise BadIndexValueError(code, published_on.isoformat(), "enter a percentage such as 4.375, from -10 to 100")
    index = _index(code, published_on, is_new=is_new)
    entered, is_entered = IndexValue.objects.get_or_create(
        index=index, published_on=published_on, defaults={"value": value}
    )
    if entered.value != value:
        raise BadIndexValueError(code, published_on.isoformat(), f"it is {entered.value} already, and rates rest on it")
    return is_entered


def _index(code: str, published_on: date, *, is_new: bool) -> RateIndex:
    if is_new:
        return RateIndex.objects.get_or_create(code=code)[0]
    index = RateIndex.objects.filter(code=code).first()
    if index is None:
        raise BadIndexValueError(code, published_on.isoformat(), "there is no such index: correct it, or add `--new`")
    return index
