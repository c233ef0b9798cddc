"""What was said of loans, as the text that COPY takes: written beside Postgres, so that it waits for none of it."""

from datetime import date
from functools import lru_cache

from credit_reporting.metro2.fields import DAYS_KEPT
from credit_reporting.months import Month
from credit_reporting.stating import Stated

#: The columns of a row, in their order.
COLUMNS = ", ".join(("report_id", "activity_month", "loan_id", *Stated._fields))
_KINDS = (int, date, int, *Stated.__annotations__.values())
_DAYS = [at for at, kind in enumerate(_KINDS) if kind in (date, date | None)]
_TEMPLATE = "\t".join(["%s"] * len(_KINDS)) + "\n"


def copied(report_id: int, month: Month, loan_id: int, said: Stated) -> bytes:
    """Return the row of a loan whose record was written.

    Nothing is escaped: what the writer of records takes (`metro2.layout`) has no tab, line feed or backslash.
    """
    row: list[object] = [report_id, month.start, loan_id, *said]
    for at in _DAYS:
        row[at] = _day(row[at])
    return (_TEMPLATE % tuple(row)).encode()


@lru_cache(DAYS_KEPT)
def _day(value: object) -> str:
    return r"\N" if value is None else str(value)
