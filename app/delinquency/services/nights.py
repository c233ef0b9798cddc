"""Going through the nights one by one: those never done, and for some loans those that their data stood in the way of.

A job that decides by the state of a day must see every day, or what it finds bears the wrong date. So a job keeps the
nights it is done with, and the loans that were left out of them: the next run does each missed date by itself, oldest
first (settled rule 21).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max

from common.outcomes import BadItem
from delinquency.models import Backlog, DoneNight, Job
from loans.grid import days

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Share:
    """The loans for which a day is to be done.

    Args:
        day: the business date.
        due_at: when the writing run's window was due; none when done by hand.
        chosen: these; all when None.
        held: but for these.
    """

    day: date
    due_at: datetime | None
    chosen: Sequence[int] | None
    held: Sequence[int]

    def but(self, loan_ids: Sequence[int]) -> "Share":
        """Return the share without these loans too."""
        return Share(day=self.day, due_at=self.due_at, chosen=self.chosen, held=[*self.held, *loan_ids])

    @property
    def parameters(self) -> dict[str, Any]:
        """What statements take that are restricted by `of`."""
        chosen = None if self.chosen is None else list(self.chosen)
        return {"day": self.day, "due_at": self.due_at, "chosen": chosen, "held": list(self.held)}


def of(column: str) -> str:
    """Return the condition that restricts a statement to a share."""
    return f"(%(chosen)s::bigint[] IS NULL OR {column} = ANY(%(chosen)s)) AND {column} <> ALL(%(held)s::bigint[])"


#: Does a day for the loans of a share; returns those it had to leave out.
Step = Callable[[Share], Mapping[int, BadItem]]


@dataclass(kw_only=True)
class Walk:
    """One run of a job through the nights it has not done."""

    job: Job
    step: Step
    #: The run of the job, and when its window was due; none when done by hand.
    run_id: int | None = None
    due_at: datetime | None = None

    def through(self, business_date: date) -> list[BadItem]:
        """Do every night through the business date, and the backlog; return the loans that must wait.

        The first run of all does only its own night.
        """
        last = last_done(self.job)
        new = days((last or business_date - ONE_DAY) + ONE_DAY, business_date)
        bad = self._walk(new, self._backlog(None), last=max(business_date, last or business_date))
        DoneNight.objects.bulk_create(
            DoneNight(job=self.job, business_date=day, run_id=self.run_id, due_at=self.due_at) for day in new
        )
        return bad

    def again(self, loan_ids: Sequence[int]) -> list[BadItem]:
        """Do what is in the backlog of these loans; return those that must wait longer."""
        last = last_done(self.job)
        return self._walk([], self._backlog(loan_ids), last=last) if last else []

    def _walk(self, new: Sequence[date], backlog: dict[int, date], *, last: date) -> list[BadItem]:
        """Do the days, each for the loans whose turn it is; a loan left out stays at its day."""
        met, bad = list(backlog), dict[int, BadItem]()
        for day in days(min([*backlog.values(), *new[:1]], default=last + ONE_DAY), last):
            turn = [loan_id for loan_id, since in backlog.items() if since == day]
            waiting = [loan_id for loan_id, since in backlog.items() if since != day]
            if not turn and day not in new:
                continue
            found = self.step(Share(day=day, due_at=self.due_at, chosen=None if day in new else turn, held=waiting))
            backlog |= dict.fromkeys(turn, day + ONE_DAY) | dict.fromkeys(found, day)
            bad |= found
        self._keep(met, {loan_id: since for loan_id, since in backlog.items() if since <= last})
        return list(bad.values())

    def _backlog(self, loan_ids: Sequence[int] | None) -> dict[int, date]:
        rows = Backlog.objects.filter(job=self.job)
        if loan_ids is not None:
            rows = rows.filter(loan_id__in=loan_ids)
        return dict(rows.values_list("loan_id", "since"))

    def _keep(self, met: Sequence[int], backlog: Mapping[int, date]) -> None:
        Backlog.objects.filter(job=self.job, loan_id__in=met).delete()
        Backlog.objects.bulk_create(
            Backlog(job=self.job, loan_id=loan_id, since=since) for loan_id, since in backlog.items()
        )


def last_done(job: Job) -> date | None:
    """Return the newest business date that a job is done with, or None before its first."""
    newest: date | None = DoneNight.objects.filter(job=job).aggregate(newest=Max("business_date"))["newest"]
    return newest


def redo(job: Job, loan_ids: Sequence[int], *, first: date) -> None:
    """Put loans into a job's backlog, from a night on that it has done."""
    last = last_done(job)
    if last is None or last < first:
        return
    earlier = set(
        Backlog.objects.filter(job=job, loan_id__in=loan_ids, since__lte=first).values_list("loan_id", flat=True)
    )
    later = [loan_id for loan_id in loan_ids if loan_id not in earlier]
    Backlog.objects.filter(job=job, loan_id__in=later).delete()
    Backlog.objects.bulk_create(Backlog(job=job, loan_id=loan_id, since=first) for loan_id in later)
