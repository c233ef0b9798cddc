"""Which loans a statement is about, and how Postgres is to join for so many.

Many loans are read whole, by hash and merge joins; a few are looked up by index. Postgres is not left to choose: its
statistics know nothing of the rows the night before wrote, and once had it join a million of them by nested loops.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper

#: Up to so many loans are looked up one by one.
FEW = 1_000


@dataclass(frozen=True)
class Scope:
    """Some loans by id, or all when `loan_ids` is None; statements get the ids as the parameter `loan_ids`."""

    loan_ids: Sequence[int] | None = None

    def of(self, column: str) -> str:
        """Return the condition on a table's loan id; each table needs its own, for Postgres passes none on."""
        return "" if self.loan_ids is None else f"AND {column} = ANY(%(loan_ids)s)"

    @property
    def parameters(self) -> dict[str, list[int] | None]:
        """What the conditions of `of` take."""
        return {"loan_ids": None if self.loan_ids is None else list(self.loan_ids)}

    @contextmanager
    def cursor(self) -> Iterator[CursorWrapper]:
        """Open a cursor whose statements are planned for so many loans; inside a transaction."""
        few = self.loan_ids is not None and len(self.loan_ids) <= FEW
        with connection.cursor() as cursor:
            if not few:
                cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'")
            yield cursor
            if not few:
                cursor.execute("SET LOCAL enable_nestloop = DEFAULT; SET LOCAL work_mem = DEFAULT")
