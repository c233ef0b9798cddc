"""The demo's documents: a statement as its borrower gets it, and a file as a bureau gets it, to be looked at."""

from pathlib import Path

from django.core.files.storage import default_storage
from django_tenants.utils import schema_context

from credit_reporting.selectors.files import newest_file
from sandbox.demo.cast import TENANTS
from sandbox.demo.platform import LOGS
from sandbox.demo.screen import console
from statements.models import Statement
from statements.services import write_pdf

SHOWN = next(iter(TENANTS))
DOCUMENTS = LOGS.parent / "demo"


def show() -> None:
    """Leave one tenant's statement and Metro 2 file on disk, and name them."""
    DOCUMENTS.mkdir(parents=True, exist_ok=True)
    with schema_context(SHOWN):
        statement, metro2 = _write_statement(), _copy_metro2_file()
    console.print(f"A statement of {SHOWN}: [bold]{statement}[/]")
    console.print(f"A Metro 2 file of {SHOWN}: [bold]{metro2}[/]; [bold]validate_metro2[/] judges it")


def _write_statement() -> Path:
    """Write the newest statement of the loan on which most was paid."""
    newest = Statement.objects.select_related("loan__borrower").order_by("-period_end", "-payments", "loan__number")
    statement, path = newest[0], DOCUMENTS / "statement.pdf"
    write_pdf(statement, path)
    return path


def _copy_metro2_file() -> Path:
    file, path = newest_file(), DOCUMENTS / "metro2.txt"
    if file is None:
        raise RuntimeError(f"{SHOWN} has no Metro 2 file, although a 1st of a month has passed.")
    with default_storage.open(file.stored_in) as stored:
        path.write_bytes(stored.read())
    return path
