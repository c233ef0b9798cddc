"""Remembers every account of a file, of last month's and of the sub-ledger, in a scratch database on disk."""

import sqlite3
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

from credit_reporting.validator.codes import FINAL
from credit_reporting.validator.rules.history import LastMonth

_FIELDS = ", ".join(LastMonth._fields)
_TABLES = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE seen (account TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID;
CREATE TABLE last_month (account TEXT PRIMARY KEY, {_FIELDS}) WITHOUT ROWID;
CREATE TABLE sub_ledger (account TEXT PRIMARY KEY, balance INTEGER) WITHOUT ROWID;
BEGIN;
"""
_KEEP = f"INSERT OR REPLACE INTO last_month VALUES (?{', ?' * len(LastMonth._fields)})"
_LAST_MONTH = f"SELECT {_FIELDS} FROM last_month WHERE account = ?"
_MISSING = f"""
SELECT account, {_FIELDS} FROM last_month
WHERE account_status NOT IN ({", ".join("?" * len(FINAL))}) AND account NOT IN (SELECT account FROM seen)
ORDER BY line
"""
_UNREPORTED = """
SELECT account, balance FROM sub_ledger WHERE balance > 0 AND account NOT IN (SELECT account FROM seen)
ORDER BY account
"""


class Accounts:
    """The accounts seen, by their number.

    SQLite keeps an unnamed database in a file of its own that vanishes with the connection; its cache of 2 MB is all
    that stays in memory, however many accounts there are.
    """

    def __enter__(self) -> Self:
        """Make the database."""
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_TABLES)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Drop the database."""
        self._database.close()

    def see(self, account: str, line: int) -> int | None:
        """Note that a line of the file has an account; return the line that had it before, if one had."""
        new = self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (account, line))
        if new.rowcount:
            return None
        found: tuple[int] = self._database.execute("SELECT line FROM seen WHERE account = ?", (account,)).fetchone()
        return found[0]

    def keep(self, account: str, before: LastMonth) -> None:
        """Keep what last month's file said of an account."""
        self._database.execute(_KEEP, (account, *before))

    def last_month(self, account: str) -> LastMonth | None:
        """Return what last month's file said of an account, if it did."""
        row = self._database.execute(_LAST_MONTH, (account,)).fetchone()
        return LastMonth(*row) if row else None

    def missing(self) -> Iterator[tuple[str, LastMonth]]:
        """Yield the accounts that last month's file left open and this file lacks, in that file's order."""
        rows = self._database.execute(_MISSING, sorted(FINAL))
        for account, *before in rows:
            yield account, LastMonth(*before)

    def owe(self, balances: Iterable[tuple[str, int]]) -> None:
        """Keep what accounts owe by the sub-ledger, in whole dollars; of two with one number the sum."""
        self._database.executemany(
            "INSERT INTO sub_ledger VALUES (?, ?) ON CONFLICT DO UPDATE SET balance = balance + excluded.balance",
            balances,
        )

    def owed(self, account: str) -> int | None:
        """Return what an account owes by the sub-ledger; None if that does not know it."""
        row = self._database.execute("SELECT balance FROM sub_ledger WHERE account = ?", (account,)).fetchone()
        return int(row[0]) if row else None

    def unreported(self) -> Iterator[tuple[str, int]]:
        """Yield the accounts that owe something by the sub-ledger and that this file lacks."""
        yield from self._database.execute(_UNREPORTED)
