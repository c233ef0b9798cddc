"""Documents in the storage: the same bytes when made again, and named errors when they are lost or changed."""

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pypdf import PdfReader

from common.context import rehearsing
from loans.identity import Identity
from statements import archives
from statements.exceptions import (
    NoSuchStatementError,
    StatementFileChangedError,
    StatementFileMissingError,
    StatementNotRestoredError,
)
from statements.models import Delivery, Statement
from statements.services import restore, write_pdf
from statements.services.documents import addressed, statement_of
from tests.integration.payments.money import accrue, assess_fee, lend
from tests.integration.statements.identities import name
from tests.integration.statements.issued import issue, statement, through

pytestmark = pytest.mark.usefixtures("books")

JANUARY = date(2024, 1, 31)


@pytest.fixture
def three():
    """Three loans and their statements of January, in one archive."""
    for number in ("L1", "L2", "L3"):
        lend(number)
    through(date(2024, 1, 2), date(2024, 2, 1))
    return statement(JANUARY, "L2")


def files():
    """Return the bytes of every stored file by name."""
    root = Path(default_storage.location)
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.zip")}


def spoil(name, content):
    default_storage.delete(name)
    default_storage.save(name, ContentFile(content))


def test_documents_of_a_run_are_in_archives_named_by_their_content(three):
    ((path, content),) = files().items()
    assert path == three.stored_in == f"books/statements/2024-01-31/{sha256(content).hexdigest()[:32]}.zip"
    assert sha256(archives.read(three).encode()).hexdigest() == three.sha256
    assert "Loan <b>L2</b>" in archives.read(three)


def test_archives_are_of_some_hundreds(monkeypatch):
    monkeypatch.setattr(archives, "SIZE", 2)
    for number in ("L1", "L2", "L3"):
        lend(number)
    accrue(JANUARY)
    assert issue(date(2024, 2, 1)).counts == {"statements": 3, "last": 0, "archives": 2}
    assert len(files()) == 2
    assert all(archives.read(one) for one in Statement.objects.select_related("loan"))


def test_made_again_after_a_rollback_the_files_have_the_same_names_and_bytes(three):
    before, stored_in = files(), three.stored_in
    Delivery.objects.all().delete()
    Statement.objects.all().delete()
    issue(date(2024, 2, 1))
    assert files() == before
    assert statement(JANUARY, "L2").stored_in == stored_in


def test_a_rehearsal_stores_no_file():
    lend()
    accrue(JANUARY)
    with rehearsing(dry_run=True):
        assert issue(date(2024, 2, 1)).counts["archives"] == 1
    assert files() == {}


def test_a_lost_file_is_told_and_made_again_from_the_books(three):
    before = files()
    default_storage.delete(three.stored_in)
    with pytest.raises(StatementFileMissingError, match=rf"loan L2 through 2024-01-31 is not in {three.stored_in}"):
        archives.read(three)
    assert restore(three) == 3
    assert files() == before


@pytest.mark.parametrize(
    "change",
    [
        lambda content: b"",
        lambda content: content[:100],
        lambda content: content[:200] + bytes([content[200] ^ 1]) + content[201:],
        lambda content: b"x" * len(content),
        lambda content: archives._pack([("L1", "<p>Something else</p>")]),
    ],
)
def test_a_changed_file_is_told_and_made_again_from_the_books(three, change):
    before = files()
    spoil(three.stored_in, change(before[three.stored_in]))
    with pytest.raises(StatementFileChangedError, match="is not the one that was issued"):
        archives.read(statement(JANUARY, "L1"))
    restore(three)
    assert files() == before


def test_an_archive_without_the_statement_is_told(three):
    spoil(three.stored_in, archives._pack([("L1", "<p>")]))
    with pytest.raises(StatementFileMissingError):
        archives.read(three)


def test_what_would_be_another_document_is_not_restored(three):
    assess_fee(three.loan, "5.00", JANUARY)
    before = files()
    with pytest.raises(StatementNotRestoredError, match="loan L2 through 2024-01-31"):
        restore(three)
    assert files() == before


def test_the_pdf_has_name_address_and_figures(three, tmp_path):
    name(three.loan.borrower, Identity(surname="O'Neil", first_name="Ann", address_1="5 <b>Elm</b> St", zip="60601"))
    path = tmp_path / "statement.pdf"
    write_pdf(statement(JANUARY, "L2"), path)
    (page,) = [page.extract_text() for page in PdfReader(path).pages]
    for said in (
        "Books",
        "Ann O'Neil",
        "5 <b>Elm</b> St",
        "Loan L2",
        "Balance at the end $100.56",
        "Amount lent $100.00",
    ):
        assert said in page
    again = tmp_path / "again.pdf"
    write_pdf(statement(JANUARY, "L2"), again)
    assert again.read_bytes() == path.read_bytes()
    assert "5 &lt;b&gt;Elm" in addressed(statement(JANUARY, "L2"))


def test_a_statement_that_is_not_there_is_told():
    with pytest.raises(NoSuchStatementError, match="Loan L9 has no statement through 2024-01-31"):
        statement_of("L9", JANUARY)
