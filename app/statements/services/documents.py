"""A statement's document: read and addressed for whoever asks, and made again from the books if its file is lost."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from statements import archives
from statements.exceptions import NoSuchStatementError, StatementNotRestoredError
from statements.figures import issue_date
from statements.letters import letter
from statements.models import Statement
from statements.rendering import html
from statements.selectors.lines import Line, Period, lines
from tenants.models import Tenant
from tenants.selectors import current_schema


def statement_of(loan_number: str, period_end: date) -> Statement:
    """Return the statement of a loan's period.

    Raises:
        NoSuchStatementError: there is none.
    """
    found = Statement.objects.select_related("loan__borrower").filter(loan__number=loan_number, period_end=period_end)
    if statement := found.first():
        return statement
    raise NoSuchStatementError(loan_number, period_end.isoformat())


def tenant_name() -> str:
    """Return the name of the tenant whose schema the connection is in."""
    name: str = Tenant.objects.get(schema_name=current_schema()).name
    return name


def addressed(statement: Statement) -> str:
    """Return the document (HTML) with who sends it and who gets it.

    Raises:
        StatementFileMissingError, StatementFileChangedError: as `statements.archives.read`.
    """
    return letter(archives.read(statement), sender=tenant_name(), identity=statement.loan.borrower.identity)


def addressed_pdf(statement: Statement) -> bytes:
    """Return the document as PDF; see `addressed`."""
    from statements.paper import pdf

    return pdf(addressed(statement), issued_on=issue_date(statement))


def write_pdf(statement: Statement, path: Path) -> None:
    """Write the statement as PDF to a file; the connection is in its tenant's schema.

    Raises:
        StatementFileMissingError, StatementFileChangedError: as `statements.archives.read`.
    """
    path.write_bytes(addressed_pdf(statement))


def write_html(statement: Statement, path: Path) -> None:
    """Write the statement as HTML to a file; see `write_pdf`."""
    path.write_text(addressed(statement), encoding="utf-8")


def restore(statement: Statement) -> int:
    """Make the archive of a statement again from the books, and return how many documents are in it.

    Raises:
        StatementNotRestoredError: a document would not be the one that was issued.
    """
    kept = list(Statement.objects.filter(stored_in=statement.stored_in).select_related("loan").order_by("loan_id"))
    documents = _made_again(kept, statement.period_end)
    for one, document in zip(kept, documents, strict=True):
        if archives.digest(document) != one.sha256:
            raise StatementNotRestoredError(one.loan.number, one.period_end.isoformat())
    numbers = [one.loan.number for one in kept]
    archives.overwrite(statement.stored_in, list(zip(numbers, documents, strict=True)))
    return len(kept)


def _made_again(kept: Sequence[Statement], end: date) -> list[str]:
    periods = [Period(loan_id=one.loan_id, start=one.period_start, reads_from=one.period_start) for one in kept]
    found = lines(periods, end)
    return [html(one, number=one.loan.number, lines=_its(found, one)) for one in kept]


def _its(found: Any, one: Statement) -> Sequence[Line]:
    its: Sequence[Line] = found.get(one.loan_id, [])
    return its
