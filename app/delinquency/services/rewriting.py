"""Histories written anew: nights that would have found something else, had a payment been known in time."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from delinquency.models import Default, Job, Standing
from delinquency.services.defaults import Detection
from delinquency.services.nights import ONE_DAY, Walk, last_done, redo
from delinquency.services.standings import Engine
from loans.models import NonAccrual
from loans.services.booking import Booking


@transaction.atomic
def rewrite(*, loan_ids: Sequence[int], since: date, booking: Booking) -> None:
    """Do the nights after a date again for some loans: standings, non-accrual and defaults; a charge-off stands.

    The rows that no longer hold are superseded. A loan that cannot be judged now waits in the backlog.

    Args:
        loan_ids: the loans, whose instalments are in step with their payments already (`loans.services.coverage`).
        since: the earliest effective date of what changed; the nights after it read something else.
        booking: who changes it; its entry date is the processing date.
    """
    first, last = since + ONE_DAY, last_done(Job.STANDINGS)
    if last is None or last < first:
        return
    for job in Job:
        redo(job, loan_ids, first=first)
    _take_back(Standing, "since", "until", loan_ids, first=first, superseded_on=booking.entry_date)
    _take_back(Default, "defaulted_on", "cured_on", loan_ids, first=first, superseded_on=booking.entry_date)
    _resume_non_accrual(loan_ids, first=first)
    Walk(job=Job.STANDINGS, step=Engine().do, due_at=booking.due_at).again(loan_ids)
    Walk(job=Job.DEFAULTS, step=Detection().do, due_at=booking.due_at).again(loan_ids)


def _take_back(
    model: Any, begins: str, ends: str, loan_ids: Sequence[int], *, first: date, superseded_on: date
) -> None:
    """Supersede the stretches that reach into the nights from `first` on; those that began before it go on."""
    reaching = Q(**{ends: None}) | Q(**{f"{ends}__gte": first})
    rows = list(model.objects.filter(reaching, loan_id__in=loan_ids, superseded_on=None))
    model.objects.filter(pk__in=[row.pk for row in rows]).update(superseded_on=superseded_on)
    earlier = [row for row in rows if getattr(row, begins) < first]
    for row in earlier:
        row.pk = None
        setattr(row, ends, None)
    model.objects.bulk_create(earlier)


def _resume_non_accrual(loan_ids: Sequence[int], *, first: date) -> None:
    """Let no stretch that began in those nights stop interest, and let one that ended in them go on."""
    stretches = NonAccrual.objects.filter(loan_id__in=loan_ids)
    stretches.filter(starts_on__gte=first).update(ended_on=F("starts_on"))
    stretches.filter(starts_on__lt=first, ended_on__gte=first).update(ended_on=None)
