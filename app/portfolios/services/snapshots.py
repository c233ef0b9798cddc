"""The nightly snapshots: what every loan was as of a night, portfolio by portfolio, tied to the general ledger."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction

from common import clock
from common.money import ZERO
from common.outcomes import Outcome
from delinquency.services.nights import Share
from delinquency.services.standings import faults
from ledger import selectors as ledger
from ledger.accounts import Code
from loans.scope import Scope
from loans.services.chosen import bad_loan, chosen
from portfolios.exceptions import DayToComeError, NoSuchPortfolioError, SnapshotsDifferError
from portfolios.models import Portfolio
from portfolios.moment import TAKEN, AsOf
from portfolios.selectors import FIGURES, left_out, open_portfolios, total
from portfolios.services.snapshot_sql import SUM_UP, TAKE

HOMELESS = "no portfolio has it on that day: see why `daily-portfolio-auto-assignment` left it out"
UNTAKEN = "its portfolio has no snapshot of it on that day: see what became of that portfolio's run"

#: The control account of each figure, and the side on which it grows: debits count as 1.
CONTROL = {
    "principal": (Code.LR, 1),
    "interest": (Code.IR, 1),
    "fees": (Code.FR, 1),
    "overpaid": (Code.OVP, -1),
    "recovered": (Code.REC, -1),
}


@transaction.atomic
def take_snapshot(*, portfolio_id: int, snapshot_date: date, due_at: datetime | None = None) -> Outcome:
    """Write down what each loan of a portfolio was as of a night, and the sums of it.

    What is written already and says the same is left alone, so repeated it writes nothing; where the books of that
    night have changed since, a new version is written beside the old. Loans whose days past due cannot be told are
    left to `sum_up`, which says so.

    Args:
        portfolio_id: the portfolio.
        snapshot_date: the night; all is as of it, whenever it is taken.
        due_at: when the night's window was due; None for its usual time.

    Raises:
        NoSuchPortfolioError: there is none with this id.
    """
    if not Portfolio.objects.filter(id=portfolio_id).exists():
        raise NoSuchPortfolioError(portfolio_id)
    as_of = AsOf.of(snapshot_date, due_at, usual=TAKEN)
    bad = faults(Share(**as_of.parameters, chosen=None, held=[]))
    loans, written = _take(as_of, portfolio_id=portfolio_id, held=list(bad))
    _write_totals(as_of, [portfolio_id])
    return Outcome(counts={"loans": loans, "written": written})


@transaction.atomic
def sum_up(*, business_date: date, due_at: datetime | None = None, only: Sequence[str] | None = None) -> Outcome:
    """Compare what the portfolios' snapshots of a night add up to with the general ledger.

    Loans without a snapshot are told one by one, and count with what stands on them. Asked for some of these, it takes
    their snapshots first.

    Args:
        business_date: the night.
        due_at: when its window was due; None for its usual time.
        only: the numbers of the loans to take.

    Raises:
        SnapshotsDifferError: the sums are not those of the control accounts, as booked as of the night.
    """
    as_of = AsOf.of(business_date, due_at, usual=TAKEN)
    scope, unknown = chosen(only)
    bad = faults(Share(**as_of.parameters, chosen=scope.loan_ids, held=[]))
    portfolios = list(open_portfolios(as_of.day).values_list("id", flat=True))
    if only is not None:
        _take(as_of, chosen=list(scope.loan_ids or ()), held=list(bad))
        _write_totals(as_of, portfolios)
    lacking = left_out(as_of.parameters)
    _refuse_differences(as_of, [figures for _, _, figures in lacking])
    reasons = {item.key: item.reason for item in bad.values()}
    missing = [
        bad_loan(number, reasons.get(number, UNTAKEN if is_member else HOMELESS)) for number, is_member, _ in lacking
    ]
    sums = total(as_of.day)
    return Outcome(
        counts={"loans": sums["loans"], "past_due": sums["past_due"]},
        quarantined=[*unknown, *missing],
    )


@transaction.atomic
def correct_snapshots(*, business_date: date) -> Outcome:
    """Take a night's snapshots again: what differs by now is written as a new version, and all is added up.

    Args:
        business_date: the night.

    Raises:
        DayToComeError: it has not come.
        SnapshotsDifferError: as `sum_up`.
    """
    if business_date > clock.today():
        raise DayToComeError(business_date.isoformat())
    written = 0
    for portfolio in open_portfolios(business_date):
        written += take_snapshot(portfolio_id=portfolio.pk, snapshot_date=business_date).counts["written"]
    checked = sum_up(business_date=business_date)
    return Outcome(counts={**checked.counts, "written": written}, quarantined=checked.quarantined)


def _take(
    as_of: AsOf,
    *,
    held: list[int],
    portfolio_id: int | None = None,
    chosen: list[int] | None = None,
) -> tuple[int, int]:
    """Take one portfolio's loans, or these loans; return how many there are, and how many rows were written."""
    with Scope().cursor() as cursor:
        cursor.execute(TAKE, {**as_of.parameters, "portfolio_id": portfolio_id, "chosen": chosen, "held": held})
        loans, written = cursor.fetchone()
    return loans, written


def _write_totals(as_of: AsOf, portfolio_ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SUM_UP, {**as_of.parameters, "portfolio_ids": portfolio_ids})


def _refuse_differences(as_of: AsOf, lacking: Iterable[Mapping[str, Decimal]]) -> None:
    """Compare figure by figure: the portfolios' totals and what stands on the loans that lack a snapshot."""
    codes = [code for code, _ in CONTROL.values()]
    books = ledger.as_booked(codes, **as_of.parameters)
    sums = Counter({name: total(as_of.day)[name] for name in FIGURES})
    for figures in lacking:
        sums.update(figures)
    told = [
        f"{name} {sums[name]}, {code} {side * books.get(code, ZERO)}"
        for name, (code, side) in CONTROL.items()
        if sums[name] != side * books.get(code, ZERO)
    ]
    if told:
        raise SnapshotsDifferError(as_of.day.isoformat(), "; ".join(told))
