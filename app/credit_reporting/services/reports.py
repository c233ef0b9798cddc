"""Reporting a month, completing it once held-back loans are mended, and correcting what was said."""

from collections import deque
from collections.abc import Sequence
from datetime import date, datetime
from itertools import chain

from django.db import transaction

from common.outcomes import BadItem, Outcome
from credit_reporting.exceptions import NoReporterError, NotReportedError
from credit_reporting.models import Report, ReportedRecord, Reporter
from credit_reporting.months import Month
from credit_reporting.selectors import accounts
from credit_reporting.services.editions import Edition
from loans.models import Loan
from loans.selectors import loan_ids

_UNKNOWN = "no loan has this number: board it first"


@transaction.atomic
def generate_metro2(
    *,
    business_date: date,
    run_id: int | None = None,
    due_at: datetime | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Write the Metro 2 files of the month that is over, and keep what they say; a month is reported once.

    A loan whose record is wrong is held back and listed; the others are reported. Asked for these loans alone, what
    can be reported by now is added: a further version of the files holds the first one's records, and theirs. A tenant
    without a reporter, or without loans, gets no file.

    Args:
        business_date: D; the month before D's is reported, as it stood at its end (settled rule 16).
        run_id: the run that does it.
        due_at: when its window was due; none when done by hand.
        only: the numbers of the loans to add, that an earlier run held back; None means all loans.
    """
    reporter = _locked_reporter()
    if reporter is None:
        return _outcome()
    edition = Edition(reporter=reporter, month=Month.before(business_date), run_id=run_id, due_at=due_at)
    if edition.newest is None:
        return _report(edition)
    return _outcome(edition.newest) if only is None else _complete(edition, only)


@transaction.atomic
def correct(month: Month) -> list[Report]:
    """Write a month anew from what is known now, and every month after it that was reported, for it tells of this one.

    What was said before stays, superseded; the files of all versions are kept.

    Raises:
        NoReporterError: the tenant does not report.
        NotReportedError: there is nothing to correct.
    """
    reporter = _locked_reporter()
    if reporter is None:
        raise NoReporterError
    reported = Report.objects.filter(activity_month__gte=month.start).order_by("activity_month")
    starts = list(reported.values_list("activity_month", flat=True).distinct())
    if month.start not in starts:
        raise NotReportedError(str(month))
    return [_correct(Edition(reporter=reporter, month=Month(start))) for start in starts]


def _correct(edition: Edition) -> Report:
    said = ReportedRecord.objects.filter(activity_month=edition.month.start, superseded_in=None)
    said.update(superseded_in=edition.report_id)
    return edition.write(edition.tell(accounts(edition.month)))


def _locked_reporter() -> Reporter | None:
    """Return the reporter; nobody else writes a version of any month until the transaction ends."""
    return Reporter.objects.select_for_update(no_key=True).order_by("id").first()


def _report(edition: Edition) -> Outcome:
    found = filter(None, accounts(edition.month))
    first = next(found, None)
    if first is None:
        return _outcome()
    return _outcome(edition.write(edition.tell(chain([first], found))), edition.held_back)


def _complete(edition: Edition, numbers: Sequence[str]) -> Outcome:
    known = loan_ids(numbers)
    told = ReportedRecord.objects.filter(activity_month=edition.month.start, superseded_in=None)
    told_already = set(told.filter(loan__in=known.values()).values_list("loan_id", flat=True))
    missing = sorted(set(known.values()) - told_already)
    deque(edition.tell(accounts(edition.month, loan_ids=missing)), maxlen=0)  # For no file: the next one holds all.
    unknown = [
        BadItem(model=Loan._meta.label, key=number, reason=_UNKNOWN)  # noqa: SLF001
        for number in numbers
        if number not in known
    ]
    if not edition.told:
        return _outcome(quarantined=[*edition.held_back, *unknown])
    return _outcome(edition.write(edition.repeat()), [*edition.held_back, *unknown])


def _outcome(report: Report | None = None, quarantined: Sequence[BadItem] = ()) -> Outcome:
    counts = {
        "reported": report.reported if report else 0,
        "held_back": report.held_back if report else len(quarantined),
        "warnings": report.warnings if report else 0,
    }
    return Outcome(counts=counts, quarantined=quarantined)
