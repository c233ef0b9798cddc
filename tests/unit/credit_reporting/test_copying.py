"""A row for COPY has its columns' values in their places, and says where there is none."""

from datetime import date

from credit_reporting.copying import COLUMNS, copied
from credit_reporting.months import Month
from credit_reporting.stating import Stated

SAID = Stated(
    **{name: name for name in Stated._fields}
    | {"date_opened": date(2023, 1, 15), "date_closed": None, "balloon_date": None, "current_balance": 0}
)


def test_every_column_has_its_value():
    row = dict(
        zip(COLUMNS.split(", "), copied(7, Month(date(2024, 2, 1)), 42, SAID).decode()[:-1].split("\t"), strict=True)
    )
    known = {"report_id": "7", "activity_month": "2024-02-01", "loan_id": "42", "date_opened": "2023-01-15"}
    nothing = {"date_closed": r"\N", "balloon_date": r"\N", "current_balance": "0"}
    assert row == {name: name for name in Stated._fields} | known | nothing
