"""Which loans a statement is about, and how Postgres is to join their tables.

Every table is restricted by itself and joined by hash or merge. Postgres is not left to choose: its statistics know
nothing of the rows that the night before wrote, and had it join a million of them by nested loops.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper

#: So many loans may be named to Postgres one by one: 0.1 s a statement for 5,000. A million are read in 5 s.
FEW = 20_000


@dataclass(frozen=True)
class Scope:
    """Some loans, or all when nothing is said.

    Args:
        loan_ids: their ids; statements get them as the parameter `loan_ids`. A `range` says all from its first id to
            its last, and so finds them by the indexes, however many.
        among: a table or a WITH query of the statement that has their `loan_id`s, where there may be many.
    """

    loan_ids: Sequence[int] | None = None
    among: str = ""

    def of(self, column: str) -> str:
        """Return the condition on a table's loan id; each table needs its own, for Postgres passes none on."""
        if self.among:
            return f"AND {column} IN (SELECT loan_id FROM {self.among})"
        if isinstance(self.loan_ids, range):
            return f"AND {column} BETWEEN %(first_loan)s AND %(last_loan)s"
        return "" if self.loan_ids is None else f"AND {column} = ANY(%(loan_ids)s)"

    @property
    def parameters(self) -> dict[str, list[int] | int | None]:
        """What the conditions of `of` take."""
        if isinstance(self.loan_ids, range):
            return {"first_loan": self.loan_ids.start, "last_loan": self.loan_ids.stop - 1}
        return {"loan_ids": None if self.loan_ids is None else list(self.loan_ids)}

    @contextmanager
    def cursor(self) -> Iterator[CursorWrapper]:
        """Open a cursor whose statements are planned without nested loops, inside a transaction."""
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'")
            yield cursor
            # Not in a `finally`: an error has ended the transaction, and its settings with it.
            cursor.execute("SET LOCAL enable_nestloop = DEFAULT; SET LOCAL work_mem = DEFAULT")
