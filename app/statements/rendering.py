"""The document of a statement: HTML made of its figures and its loan's number alone, so the same bytes whenever made.

Who gets it is not in it. Names and addresses are encrypted in the books and may change; they are put on a copy when it
leaves (`statements.letters`).
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from statements.figures import booked_late, days_past_due, issue_date, spent
from statements.models import Statement
from statements.selectors.lines import ACCRUED, Line

#: So many days past due, the borrower is told so (12 CFR 1026.41(d)(8)).
DELINQUENCY_NOTICE_DAYS = 45
#: What borrowers read for the kinds of movements; those that are not here are called what they are.
NAMES = {
    "boarding": "Balance transferred to us",
    "disbursement": "Amount lent",
    "payment reversal": "Payment returned",
    "fee reversal": "Fee taken back",
    "waiver": "Waived",
    "capitalisation": "Interest added to principal",
    "charge-off": "Charged off",
}


def dollars(amount: Decimal) -> str:
    """Return an amount as people read it."""
    return f"-${-amount:,.2f}" if amount < 0 else f"${amount:,.2f}"


def day(when: date) -> str:
    """Return a date as people read it in the United States, whatever the locale."""
    return f"{when:%m/%d/%Y}"


def described(line: Line) -> str:
    """Return what a line is about."""
    what = _interest(line) if line.kind == ACCRUED else NAMES.get(line.kind, line.kind.capitalize())
    if line.recovered:
        what = f"{what}, {dollars(abs(line.recovered))} after charge-off"
    if line.is_reversal:
        what = f"{what}, corrected"
    return f"{what} (adjustment)" if line.is_earlier else what


def _interest(line: Line) -> str:
    first = day(line.first_day or line.day)
    return f"Interest {first} to {day(line.day)} at {(line.rate * 100).normalize():f}% a year"


# Without StrictUndefined, a figure that the template misnames would be left out without a word.
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates" / "statements"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters.update(dollars=dollars, day=day, described=described)


def html(statement: Statement, *, number: str, lines: Sequence[Line]) -> str:
    """Return the document.

    Args:
        statement: its figures; nothing else of it is read.
        number: the loan's.
        lines: what was booked in the period.
    """
    return _ENVIRONMENT.get_template("statement.html").render(
        statement=statement,
        number=number,
        lines=lines,
        late=booked_late(statement, lines),
        spent=spent(lines),
        issued_on=issue_date(statement),
        days=days_past_due(statement),
        notice_days=DELINQUENCY_NOTICE_DAYS,
    )


def letterhead(sender: str, addressee: Sequence[str]) -> str:
    """Return what is put above a document on its way to somebody."""
    return _ENVIRONMENT.get_template("letterhead.html").render(sender=sender, addressee=addressee)
