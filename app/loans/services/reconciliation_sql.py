"""Comparing the sub-ledger with the general ledger, entry by entry and row by row: two statements for all loans.

Both tell the books as of a date D: entries dated up to D, the rows that these wrote, and not yet the reversals of such
rows by later ones (settled rule 14). Months that were closed are not looked at again: their balances are frozen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from common.money import to_cents_sql
from ledger.accounts import Code
from ledger.selectors import last_closed
from loans import formulas
from loans.scope import Scope
from loans.services.booking import COUNTER_ACCOUNTS

#: The kinds of the entries that sum up rows of interest, and of those that reverse such rows.
ACCRUALS = "interest-accrual%"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Two figures that should be equal, in dollars; `what` is one of `Break.What`."""

    what: str
    account: str
    entry_id: int
    loan_number: str
    expected: Decimal
    found: Decimal


@dataclass(frozen=True, kw_only=True)
class OpenEntries:
    """The entries to compare.

    Args:
        after: the last day that is frozen.
        through: D.
        first_id: the lowest id among them; ids grow with time, which finds their rows without reading years.
        last_id: the highest.
        count: how many.
    """

    after: date
    through: date
    first_id: int
    last_id: int
    count: int

    @property
    def parameters(self) -> dict[str, Any]:
        """What the statements take."""
        return {"after": self.after, "through": self.through, "first_id": self.first_id}


def open_entries(through: date) -> OpenEntries | None:
    """Return the entries dated up to a day in months that are not closed, or None when there are none."""
    closed = last_closed()
    after = date.fromordinal(closed.next_starts_on.toordinal() - 1) if closed else date.min
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(id), max(id), count(*) FROM ledger_journalentry WHERE entry_date > %s AND entry_date <= %s",
            [after, through],
        )
        first_id, last_id, count = cursor.fetchone()
    if not count:
        return None
    return OpenEntries(after=after, through=through, first_id=first_id, last_id=last_id, count=count)


def differing_entries(entries: OpenEntries) -> list[Difference]:
    """Return, by entry and account, where an entry's lines are not what the rows it sums up come to."""
    return _differences(_ENTRIES, entries)


def accrual_entries(entries: OpenEntries, *, after_id: int) -> list[int]:
    """Return which of these entries sum up interest and come after one of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id FROM ledger_journalentry
               WHERE entry_date > %s AND entry_date <= %s AND id > %s AND kind LIKE %s""",
            [entries.after, entries.through, after_id, ACCRUALS],
        )
        return [entry_id for (entry_id,) in cursor.fetchall()]


def differing_rows(entries: OpenEntries, *, of: Sequence[int]) -> list[Difference]:
    """Return the rows of interest of some of these entries, and all boarded loans, that do not follow from what
    they were made from."""
    return _differences(_ROWS, entries, of=list(of))


def sub_ledger(entries: OpenEntries) -> dict[str, Decimal]:
    """Return, by account, what the rows of these entries come to: debits less credits, in dollars."""
    with Scope().cursor() as cursor:
        cursor.execute(_SUB_LEDGER, entries.parameters)
        return dict(cursor.fetchall())


def _differences(statement: str, entries: OpenEntries, **parameters: Any) -> list[Difference]:
    with Scope().cursor() as cursor:
        cursor.execute(statement, {**entries.parameters, **parameters})
        names: list[Any] = [column.name for column in cursor.description]
        return [Difference(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _counter_account(position: int) -> str:
    """Return the SQL for the account that takes what a kind adds to principal, interest or fees."""
    kinds = " ".join(f"WHEN '{kind}' THEN '{accounts[position]}'" for kind, accounts in COUNTER_ACCOUNTS.items())
    return f"CASE movement.kind {kinds} ELSE '{Code.CL}' END"


# What each entry should say: every movement and every day's interest on its own entry, and the other way on the entry
# that reversed it. Told once more here, not shared with `booking`: an error there is to be found.
_EXPECTED = f"""
    movement AS (
        SELECT entry_id, loan_id, kind, principal, interest, fees, overpaid, recovered FROM loans_transaction
        WHERE entry_id >= %(first_id)s
        UNION ALL
        SELECT reversal_id, loan_id, kind, -principal, -interest, -fees, -overpaid, -recovered FROM loans_transaction
        WHERE reversal_id >= %(first_id)s
    ),
    earned AS (
        SELECT entry_id, sum(amount) AS amount, min(loan_id) AS first, max(loan_id) AS last FROM loans_accrual
        WHERE entry_id >= %(first_id)s GROUP BY entry_id
        UNION ALL
        SELECT reversal_id, -sum(amount), min(loan_id), max(loan_id) FROM loans_accrual
        WHERE reversal_id >= %(first_id)s GROUP BY reversal_id
    ),
    side AS (
        SELECT entry_id, account, amount, loan_id AS first, loan_id AS last FROM movement CROSS JOIN LATERAL (
            VALUES ('{Code.LR}', principal), ('{Code.IR}', interest), ('{Code.FR}', fees), ('{Code.OVP}', -overpaid),
                   ('{Code.REC}', -recovered), ('{Code.CL}', overpaid + recovered), ({_counter_account(0)}, -principal),
                   ({_counter_account(1)}, -interest), ({_counter_account(2)}, -fees)
        ) AS side (account, amount)
        UNION ALL
        SELECT entry_id, account, side.amount, first, last FROM earned CROSS JOIN LATERAL (
            VALUES ('{Code.IR}', amount), ('{Code.II}', -amount)
        ) AS side (account, amount)
    ),
    rows AS (
        SELECT entry_id, account, sum(amount) AS amount, min(first) AS first, max(last) AS last
        FROM side GROUP BY entry_id, account
    )"""

_SUB_LEDGER = f"""
    WITH {_EXPECTED}
    SELECT account, sum(amount) FROM rows JOIN ledger_journalentry entry ON entry.id = entry_id
    WHERE entry.entry_date > %(after)s AND entry.entry_date <= %(through)s
    GROUP BY account"""

_ENTRIES = f"""
    WITH {_EXPECTED},
    lines AS (
        SELECT entry_id, account_id AS account, sum(debit - credit) AS amount FROM ledger_journalline
        WHERE entry_id >= %(first_id)s GROUP BY entry_id, account_id
    )
    SELECT 'entry' AS what, account, entry_id, coalesce(loan.number, '') AS loan_number,
           coalesce(rows.amount, 0) AS expected, coalesce(lines.amount, 0) AS found
    FROM rows FULL JOIN lines USING (entry_id, account)
    LEFT JOIN ledger_journalentry entry ON entry.id = entry_id
    LEFT JOIN loans_loan loan ON loan.id = rows.first AND rows.first = rows.last
    WHERE coalesce(rows.amount, 0) <> coalesce(lines.amount, 0)
        AND (entry.id IS NULL OR entry.entry_date > %(after)s AND entry.entry_date <= %(through)s)
    ORDER BY entry_id, account"""

# A row follows from the one before it and from the movements of that day, all of them as of D.
_ROWS = f"""
    WITH later AS (SELECT id FROM ledger_journalentry WHERE entry_date > %(through)s),
    written AS (
        SELECT accrual.* FROM loans_accrual accrual JOIN ledger_journalentry entry ON entry.id = accrual.entry_id
        WHERE accrual.entry_id = ANY(%(of)s) AND entry.entry_date > %(after)s AND entry.entry_date <= %(through)s
            AND (accrual.reversal_id IS NULL OR accrual.reversal_id IN (SELECT id FROM later))
    ),
    before AS (
        SELECT loan_id, accrual_date, principal, period_start, cumulative, accrued FROM loans_accrual
        WHERE accrual_date >= (SELECT min(accrual_date) - 1 FROM written) AND accrual_date < %(through)s
            AND entry_id NOT IN (SELECT id FROM later)
            AND (reversal_id IS NULL OR reversal_id IN (SELECT id FROM later))
    ),
    moved AS (
        SELECT loan_id, effective_date, sum(principal) AS principal FROM loans_transaction
        WHERE effective_date >= (SELECT min(accrual_date) - 1 FROM written) AND effective_date < %(through)s
            AND entry_id NOT IN (SELECT id FROM later)
            AND (reversal_id IS NULL OR reversal_id IN (SELECT id FROM later))
        GROUP BY loan_id, effective_date
    ),
    chained AS (
        SELECT written.loan_id, written.entry_id, written.principal, written.cumulative, written.amount,
               written.accrued, product.rounding,
               coalesce(before.principal, 0) + coalesce(moved.principal, 0) AS owed,
               {
    formulas.interest(
        "written.exposure", "written.period_days", "written.period_start", "written.period_end", "product.day_count"
    )
} AS interest,
               CASE WHEN before.period_start = written.period_start THEN before.cumulative ELSE 0 END AS posted,
               coalesce(before.accrued, 0) AS accrued_before
        FROM written
        JOIN loans_loan loan ON loan.id = written.loan_id
        JOIN loans_product product ON product.id = loan.product_id
        LEFT JOIN before ON before.loan_id = written.loan_id AND before.accrual_date = written.accrual_date - 1
        LEFT JOIN moved ON moved.loan_id = written.loan_id AND moved.effective_date = written.accrual_date - 1
        OFFSET 0
    )
    SELECT what, account, entry_id, loan.number AS loan_number, expected, found
    FROM chained JOIN loans_loan loan ON loan.id = chained.loan_id
    CROSS JOIN LATERAL (
        VALUES ('principal', '{Code.LR}', owed, principal),
               ('cumulative', '{Code.IR}', {to_cents_sql("interest", "rounding")}, cumulative),
               ('amount', '{Code.IR}', cumulative - posted, amount),
               ('accrued', '{Code.IR}', accrued_before + amount, accrued)
    ) AS figure (what, account, expected, found)
    WHERE expected <> found
    UNION ALL
    SELECT 'boarded', '{Code.LR}', boarded.entry_id, tape.loan_number, tape.balance, boarded.principal
    FROM loans_transaction boarded JOIN loans_loan loan ON loan.id = boarded.loan_id
    JOIN loans_taperow tape ON tape.loan_number = loan.number
    JOIN ledger_journalentry entry ON entry.id = boarded.entry_id
    WHERE boarded.kind = 'boarding' AND boarded.entry_id >= %(first_id)s AND boarded.principal <> tape.balance
        AND entry.entry_date > %(after)s AND entry.entry_date <= %(through)s
    ORDER BY entry_id, loan_number, what"""
