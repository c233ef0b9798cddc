"""What the books say about loans: who is behind, what a tenant's totals are, and a checksum of it all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

from django.db import connection
from django.db.models import Sum

from common.money import ZERO
from ledger.models import JournalEntry
from loans.models import Accrual, Loan, Transaction
from loans.scope import Scope

# What the books say, without what names a row (ids) or the run that wrote it.
_CHECKED = (
    """SELECT (l.number, l.original_principal, l.term_months, l.payment, l.originated_on, l.first_due, l.accrues_from,
               c.closed_on, c.reason)
       FROM loans_loan l LEFT JOIN loans_closure c ON c.loan_id = l.id""",
    """SELECT (l.number, i.number, i.period_start, i.due_date, i.principal, i.interest)
       FROM loans_instalment i JOIN loans_loan l ON l.id = i.loan_id""",
    """SELECT (l.number, r.effective_from, r.rate)
       FROM loans_ratesegment r JOIN loans_loan l ON l.id = r.loan_id""",
    """SELECT (l.number, t.kind, t.effective_date, t.principal, e.entry_date)
       FROM loans_transaction t JOIN loans_loan l ON l.id = t.loan_id
       JOIN ledger_journalentry e ON e.id = t.entry_id""",
    """SELECT (l.number, a.accrual_date, a.component, a.principal, a.rate, a.period_start, a.period_end, a.period_days,
               a.exposure, a.cumulative, a.amount)
       FROM loans_accrual a JOIN loans_loan l ON l.id = a.loan_id""",
    """SELECT (e.entry_date, e.kind, j.account_id, j.debit, j.credit)
       FROM ledger_journalline j JOIN ledger_journalentry e ON e.id = j.entry_id""",
)

# A loan's rows follow each other day by day: whoever has the row of a day has all the earlier ones. The closed loans
# are looked up one by one, also among many: a join would read the rows of all their days.
_BEHIND = """
    SELECT loan.id, loan.number FROM loans_loan loan
    WHERE loan.accrues_from < %(day)s {of_loan}
        AND NOT EXISTS (
            SELECT FROM loans_closure closure WHERE closure.loan_id = loan.id
            AND closure.closed_on < %(day)s {of_closure}
        )
        AND NOT EXISTS (
            SELECT FROM loans_accrual accrual WHERE accrual.loan_id = loan.id
            AND accrual.accrual_date = %(day)s AND accrual.component = 'interest' {of_accrual}
        )
    UNION ALL
    SELECT loan.id, loan.number FROM loans_loan loan JOIN loans_closure closure ON closure.loan_id = loan.id
    WHERE loan.accrues_from < closure.closed_on {of_loan}
        AND closure.closed_on < %(day)s AND closure.closed_on >= %(since)s {of_closure}
        AND (
            SELECT TRUE FROM loans_accrual accrual WHERE accrual.loan_id = loan.id
            AND accrual.accrual_date = closure.closed_on AND accrual.component = 'interest'
        ) IS NULL
    LIMIT %(limit)s"""
#: So long after its end a loan's last rows are still missed.
CLOSED_LATELY = timedelta(days=100)


def loan_ids(numbers: Sequence[str]) -> dict[str, int]:
    """Return the ids of the loans with these numbers; a number that no loan has is left out."""
    return dict(Loan.objects.filter(number__in=numbers).values_list("number", "id"))


def behind(day: date, scope: Scope, *, limit: int | None = None) -> dict[int, str]:
    """Return id and number of the loans that lack the interest row of `day`, or of the earlier one they closed on."""
    statement = _BEHIND.format(
        of_loan=scope.of("loan.id"),
        of_closure=scope.of("closure.loan_id"),
        of_accrual=scope.of("accrual.loan_id"),
    )
    with scope.cursor() as cursor:
        cursor.execute(statement, {"day": day, "since": day - CLOSED_LATELY, "limit": limit, **scope.parameters})
        return dict(cursor.fetchall())


def first_missing_day(day: date, scope: Scope) -> date:
    """Return the earliest day on which somebody was behind, given that somebody is on `day`."""
    eve = day - timedelta(days=1)
    while behind(eve, scope, limit=1):
        day, eve = eve, eve - timedelta(days=1)
    return day


@dataclass(frozen=True, kw_only=True)
class Totals:
    """A tenant's books in a line.

    Args:
        loans: how many there are.
        accruing: how many of them earn interest.
        principal: what is owed, in dollars, by the sub-ledger.
        interest: what was accrued, in dollars, by the sub-ledger.
        accruals: rows of interest.
        entries: journal entries.
    """

    loans: int
    accruing: int
    principal: Decimal
    interest: Decimal
    accruals: int
    entries: int


def totals() -> Totals:
    """Return the totals of the tenant whose schema the connection is in."""
    loans = Loan.objects.all()
    return Totals(
        loans=loans.count(),
        accruing=loans.filter(accrues_from__isnull=False, closure=None).count(),
        principal=Transaction.objects.aggregate(sum=Sum("principal"))["sum"] or ZERO,
        interest=Accrual.objects.aggregate(sum=Sum("amount"))["sum"] or ZERO,
        accruals=Accrual.objects.count(),
        entries=JournalEntry.objects.count(),
    )


def checksum() -> str:
    """Return a digest of all that the tenant's books say: equal books, equal digests, whoever wrote them and when.

    Rows are hashed one by one and the hashes added up, so that neither their order nor their number matters.
    """
    sums = []
    with connection.cursor() as cursor:
        for rows in _CHECKED:
            cursor.execute(f"SELECT count(*), sum(hashtextextended(said::text, 0)::numeric) FROM ({rows}) AS r (said)")
            sums.append(cursor.fetchone())
    return sha256(repr(sums).encode()).hexdigest()
