"""The night's statements: of every loan whose period has ended, and of periods that were left out before."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from common.outcomes import BadItem, Outcome
from loans.models import Closure, Transaction
from loans.scope import FEW, Scope
from loans.selectors import behind
from loans.services.chosen import bad_loan
from statements import archives
from statements.exceptions import NotADayOfIssueError
from statements.figures import activity, within, year_to_date
from statements.models import Statement
from statements.periods import DAY, is_issued_on
from statements.rendering import html
from statements.selectors.candidates import YTD, Candidate, Stated, begins, candidates, missing
from statements.selectors.lines import ACCRUED, Line, Period, lines
from statements.selectors.owed import NOTHING, Balance, Dues, balances_booked, bankrupt, dues, endings
from statements.services.delivering import send_off
from tenants.selectors import current_schema

#: Loans in one chunk: about 100 MB here.
BATCH = FEW
LACKS_INTEREST = (
    "has no interest of {0}, so its statement would be short of it: mend what keeps it from accruing; the "
    "next night, or a rerun of this one after that, states it"
)


@dataclass(frozen=True, kw_only=True)
class Issue:
    """What the statements of one run have in common.

    Args:
        cycle: whose periods end.
        business_date: the date of issue.
        begins: the first day that statements of the cycle are about.
        run_id: the run in the ledger of runs; none when called by hand.
        due_at: when its window was due.
    """

    cycle: str
    business_date: date
    begins: date
    run_id: int | None
    due_at: datetime | None


def issue_statements(
    *,
    cycle: str,
    business_date: date,
    run_id: int | None = None,
    due_at: datetime | None = None,
    only: Sequence[str] | None = None,
) -> Generator[None, None, Outcome]:
    """Write the statements of a cycle that are due on a business date, store their documents, and let them leave.

    A statement holds what was booked from the first to the last day of its period (settled rule 15), whenever the run
    is done. A loan that lacks interest waits for it; periods that were left out so are stated by the next run, each
    by itself, oldest first.

    Args:
        cycle: one of `Cycle`.
        business_date: the day after the period's last.
        run_id: the run in the ledger of runs; none when called by hand.
        due_at: when its window was due.
        only: the only loans that are asked for, by number; all when None.

    Yields:
        After each chunk of loans, for the caller to commit.

    Returns:
        How many statements were written, how many of them are the last of their loan, and in how many archives.

    Raises:
        NotADayOfIssueError: no period of the cycle ended the day before.
    """
    if not is_issued_on(cycle, business_date):
        raise NotADayOfIssueError(cycle, business_date.isoformat())
    end, after, bad = business_date - DAY, 0, list[BadItem]()
    issue = Issue(cycle=cycle, business_date=business_date, begins=begins(cycle, end), run_id=run_id, due_at=due_at)
    counts = {"statements": 0, "last": 0, "archives": 0}
    while chosen := candidates(cycle, end, begins=issue.begins, after=after, limit=BATCH, numbers=only):
        after = chosen[-1].loan_id
        lacking = behind(end, Scope([one.loan_id for one in chosen]))
        bad += [bad_loan(number, LACKS_INTEREST.format(end)) for number in lacking.values()]
        for period_end, loans in missing([one for one in chosen if one.loan_id not in lacking], end).items():
            _count(counts, _issue(loans, period_end, issue))
        yield
    return Outcome(counts=counts, quarantined=bad)


def _count(counts: dict[str, int], written: Sequence[Statement]) -> None:
    counts["statements"] += len(written)
    counts["last"] += sum(bool(statement.ending) for statement in written)
    counts["archives"] += len({statement.stored_in for statement in written})


def _issue(loans: Sequence[Candidate], end: date, issue: Issue) -> Sequence[Statement]:
    """Write the statements of one period's end, and remember them as their loans' newest."""
    documents, written = list[tuple[str, str]](), list[Statement]()
    for one, statement, its_lines in _statements(loans, end, issue):
        document = html(statement, number=one.number, lines=its_lines)
        statement.sha256 = archives.digest(document)
        documents.append((one.number, document))
        written.append(statement)
        one.last = _stated(statement)
    _store(written, documents, end)
    Statement.objects.bulk_create(written, batch_size=1000)
    numbers = (number for number, _ in documents)
    send_off(dict(zip(numbers, written, strict=True)), business_date=issue.business_date)
    return written


def _stated(statement: Statement) -> Stated:
    ytd = {name: getattr(statement, name) for name in YTD}
    return Stated(period_end=statement.period_end, closing=statement.closing, ytd=ytd)


def _store(written: Sequence[Statement], documents: Sequence[tuple[str, str]], end: date) -> None:
    left = iter(written)
    for name, size in archives.store(current_schema(), end, documents):
        for _ in range(size):
            next(left).stored_in = name


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was read of all loans whose period ends on a day, by loan id."""

    lines: Mapping[int, Sequence[Line]]
    opening: Mapping[int, Balance]
    closing: Mapping[int, Balance]
    dues: Dues
    bankrupt: set[int]
    endings: Mapping[int, str]


def _read(loans: Sequence[Candidate], end: date, issue: Issue) -> Facts:
    loan_ids = [one.loan_id for one in loans]
    # What was booked before the first period of all is the opening balance of those that begin with it.
    old = [one.loan_id for one in loans if one.last is None and one.since == issue.begins]
    return Facts(
        lines=lines([_period(one, end) for one in loans], end),
        opening=balances_booked(issue.begins - DAY, old) if old else {},
        closing=balances_booked(end, loan_ids),
        dues=dues(end, loan_ids),
        bankrupt=bankrupt(end, loan_ids),
        endings=endings(end, loan_ids),
    )


def _period(one: Candidate, end: date) -> Period:
    """Return what is to be read; all of the year where no statement has its sums."""
    reads_from = one.start if one.last else min(one.start, end.replace(month=1, day=1))
    return Period(loan_id=one.loan_id, start=one.start, reads_from=reads_from)


def _statements(
    loans: Sequence[Candidate], end: date, issue: Issue
) -> Iterator[tuple[Candidate, Statement, Sequence[Line]]]:
    """Yield the statements that are to be written, each with its lines."""
    facts = _read(loans, end, issue)
    for one in loans:
        booked = facts.lines.get(one.loan_id, [])
        opening = one.last.closing if one.last else facts.opening.get(one.loan_id, NOTHING).net
        closing = facts.closing[one.loan_id]
        ending = "" if closing.owed else facts.endings.get(one.loan_id, "")
        if ending and _is_over(ending, within(booked)):
            continue
        statement = Statement(
            loan_id=one.loan_id,
            cycle=issue.cycle,
            period_start=one.start,
            period_end=end,
            previous_end=one.last.period_end if one.last else None,
            variant=Statement.Variant.BANKRUPTCY if one.loan_id in facts.bankrupt else Statement.Variant.ORDINARY,
            ending=ending,
            opening=opening,
            closing=closing.net,
            principal_owed=closing.principal,
            interest_owed=closing.interest,
            fees_owed=closing.fees,
            overpaid=closing.overpaid,
            run_id=issue.run_id,
            due_at=issue.due_at,
            **activity(within(booked), opening=opening, closing=closing),
            **year_to_date(booked, one.ytd(end.year)),
            **({} if ending else _due(one.loan_id, closing, facts.dues)),
        )
        yield one, statement, within(booked)


def _is_over(ending: str, booked: Sequence[Line]) -> bool:
    """Return whether a loan that has ended has nothing more to tell of: after a charge-off, only the charge-off."""
    kinds = {line.kind for line in booked} - {ACCRUED}
    return not kinds or (ending == Closure.Reason.CHARGED_OFF and Transaction.Kind.CHARGE_OFF not in kinds)


def _due(loan_id: int, closing: Balance, dues: Dues) -> dict[str, date | Decimal | None]:
    next_due, scheduled = dues.upcoming.get(loan_id, (None, Decimal(0)))
    past_due = dues.past_due.get(loan_id, Decimal(0)) + closing.fees
    return {
        "next_due": next_due,
        "scheduled": scheduled,
        "past_due": past_due,
        "amount_due": scheduled + past_due,
        "oldest_due": dues.oldest.get(loan_id),
    }
