"""Boards a tape, batch by batch in one transaction: streamed in by COPY, turned into loans by whole batches in SQL."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from common.money import ZERO
from common.tenancy import lock_books, tenant_transaction
from ledger.accounts import Code
from ledger.models import JournalEntry
from ledger.services import Posting, open_entry, post
from loans import selectors
from loans.boarding import boarding_sql
from loans.boarding.quirks import quirks
from loans.boarding.reading import DEFAULT_AS_OF, open_tape, read
from loans.boarding.report import BoardingReport, Finding
from loans.boarding.synthetic import with_synthetic_borrowers
from loans.daycount import DayCount
from loans.identity import NOBODY, Identity, opened, sealed
from loans.models import Borrower, Product, TapeRow

#: Lines per batch: about 40 MB here, and 800,000 instalments in Postgres's hands.
BATCH = 20_000
ENTRY_KIND = "boarding"
PRODUCT = "consumer 30/360"
#: The late fee is that of the lender whose loans the public tape lists: 5 % of what is past due, at least 15 dollars.
TERMS = {"day_count": DayCount.THIRTY_360_US, "late_fee_rate": Decimal("0.05"), "late_fee_min": Decimal("15.00")}
CHANGED = "is boarded already, by a line with other values"
FOREIGN = "is in the books already, and came with no tape"
RENAMED = "is boarded already, and the books say otherwise who owes: correct the borrower in the admin, or the tape"
COPIED = [field.name for field in TapeRow._meta.get_fields()]  # noqa: SLF001 - Django's public, documented API.


def board_loans(
    *,
    schema_name: str,
    path: Path,
    as_of: date = DEFAULT_AS_OF,
    synthetic_borrowers: bool = False,
    progress: Callable[[int], None] | None = None,
    dry_run: bool = False,
) -> BoardingReport:
    """Take over the loans of a tape, all or none: an interrupted boarding leaves nothing (settled rule 22).

    Opening principal is the tape's balance, booked as of the transfer; interest since the due date before the oldest
    unpaid one is written by the first night. A line that boarded before changes nothing.

    Args:
        schema_name: the tenant.
        path: the tape, a CSV file.
        as_of: day of the transfer.
        synthetic_borrowers: make somebody up for each line that says nothing of who owes.
        progress: called with the number of lines done since the last call.
        dry_run: report the same and keep nothing.

    Raises:
        BoardingError: if the file cannot be read or is no tape.
        UnknownTenantError, TenantNotActiveError: if there is no such tenant to board for.
    """
    with open_tape(path) as lines, tenant_transaction(schema_name) as entered:
        lock_books(entered.tenant_id)
        with transaction.atomic():
            rows = read(lines, as_of=as_of)
            rows = with_synthetic_borrowers(rows) if synthetic_borrowers else rows
            report = load(rows, as_of=as_of, progress=progress)
            transaction.set_rollback(dry_run)
    return report


def load(
    rows: Iterator[TapeRow | Finding], *, as_of: date, progress: Callable[[int], None] | None = None
) -> BoardingReport:
    """Board what was read of a tape, in the caller's transaction and tenant; see `board_loans`."""
    report, opening, entry = BoardingReport(), ZERO, None
    product, _ = Product.objects.get_or_create(code=PRODUCT, defaults=TERMS)
    while batch := list(islice(rows, BATCH)):
        if new := _new(batch, report):
            entry = entry or open_entry(entry_date=as_of, kind=ENTRY_KIND)
            opening += _put(new, product=product, entry=entry)
            report.loaded += len(new)
        if progress:
            progress(len(batch))
    if entry:
        post(entry, Posting(debit=Code.LR, credit=Code.CL, amount=opening))
    return report


def _new(batch: Sequence[TapeRow | Finding], report: BoardingReport) -> list[TapeRow]:
    """Return the lines to load, and report on the others."""
    rows = [row for row in batch if isinstance(row, TapeRow)]
    report.refused += [finding for finding in batch if isinstance(finding, Finding)]
    known, new = _fingerprints([row.loan_number for row in rows]), list[TapeRow]()
    who = _identities([row.loan_number for row in rows if row.identity != NOBODY and row.loan_number in known])
    for row in rows:
        if row.loan_number not in known:
            known[row.loan_number], who[row.loan_number] = row.fingerprint, row.identity
            report.warnings += [_finding(row, reason) for reason in quirks(row)]
            new.append(row)
        elif known[row.loan_number] != row.fingerprint:
            report.refused.append(_finding(row, CHANGED if known[row.loan_number] else FOREIGN))
        elif row.identity not in (NOBODY, who.get(row.loan_number)):
            report.refused.append(_finding(row, RENAMED))
        else:
            report.unchanged += 1
    return new


def _fingerprints(numbers: Sequence[str]) -> dict[str, UUID | None]:
    """Return the fingerprints of the lines that the loans with these numbers came with, None for no line."""
    came = dict(TapeRow.objects.filter(loan_number__in=numbers).values_list("loan_number", "fingerprint"))
    return {number: came.get(number) for number in selectors.loan_ids(numbers)}


def _identities(numbers: Sequence[str]) -> dict[str, Identity]:
    """Return who owes these loans, as the books say now."""
    borrowers = Borrower.objects.filter(reference__in=numbers).values_list("reference", "sealed_identity")
    return {number: opened(blob) for number, blob in borrowers}


def _finding(row: TapeRow, reason: str) -> Finding:
    return Finding(line=row.line, loan_number=row.loan_number, reason=reason)


def _put(rows: Sequence[TapeRow], *, product: Product, entry: JournalEntry) -> Decimal:
    """Put a batch into the books; return its opening principal."""
    values = attrgetter(*COPIED)
    parameters: dict[str, Any] = {
        "numbers": [row.loan_number for row in rows],
        "identities": [sealed(row.identity) for row in rows],
        "product_id": product.pk,
        "entry_id": entry.pk,
    }
    with connection.cursor() as cursor:
        # Postgres would keep every reference of a million loans in memory, to check it at the commit.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with cursor.copy(f"COPY loans_taperow ({', '.join(COPIED)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(values(row))
        for statement in boarding_sql.STATEMENTS:
            cursor.execute(statement, parameters)
    return sum((row.balance for row in rows if row.oldest_due), ZERO)
