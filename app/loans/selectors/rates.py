"""At what rates loans earn: what is agreed, and for a while what is promised."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from loans.models import Promo, RateSegment
from loans.schedule import RateFrom


def rates_in_force(loan_ids: Sequence[int]) -> dict[int, list[RateFrom]]:
    """Return every loan's rates in the order in which they come into force, as far as they are known today.

    Of a rate and the promotions beside it the lowest prevails, as in the daily interest.
    """
    segments, promos = defaultdict[int, list[RateSegment]](list), defaultdict[int, list[Promo]](list)
    for segment in RateSegment.objects.filter(loan__in=loan_ids).order_by("effective_from"):
        segments[segment.loan_id].append(segment)
    for promo in Promo.objects.filter(loan__in=loan_ids):
        promos[promo.loan_id].append(promo)
    return {loan_id: _in_force(agreed, promos[loan_id]) for loan_id, agreed in segments.items()}


def _in_force(agreed: Sequence[RateSegment], promos: Iterable[Promo]) -> list[RateFrom]:
    promised = [(promo.starts_on, _end(promo), promo.rate) for promo in promos]
    changes = {segment.effective_from for segment in agreed}
    changes |= {day for start, end, _ in promised for day in (start, end) if day > agreed[0].effective_from}
    return [RateFrom(effective_from=day, rate=_lowest(agreed, promised, day)) for day in sorted(changes)]


def _lowest(agreed: Sequence[RateSegment], promised: Sequence[tuple[date, date, Decimal]], day: date) -> Decimal:
    rate = [segment.rate for segment in agreed if segment.effective_from <= day][-1]
    return min([rate, *(promo for start, end, promo in promised if start <= day < end)])


def _end(promo: Promo) -> date:
    """Return the day that the agreed rate prices the days after again (settled rule 6)."""
    over = promo.ends_on + timedelta(days=1)
    return min(over, promo.ended_on) if promo.ended_on else over
