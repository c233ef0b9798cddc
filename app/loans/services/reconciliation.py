"""Reconciling the general ledger: what its entries say beside what the loans' rows say, and never a correction."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from common.money import ZERO
from common.outcomes import BadItem, Outcome
from loans.models import Break, Reconciliation
from loans.services.reconciliation_sql import (
    Difference,
    OpenEntries,
    accrual_entries,
    differing_entries,
    differing_rows,
    open_entries,
)


@transaction.atomic
def reconcile(
    *,
    business_date: date,
    run_id: int | None = None,
    due_at: datetime | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Compare both ledgers through a date, and write down what differs (settled rule 14).

    Every entry of a month that is not closed is compared with the rows it sums up, on all accounts. A row of interest
    is compared with what it was computed from in the night after it was written, whenever its entry differs, and once
    more before its month is closed: a million loans' rows of a whole month every night would take longer than the
    night. A loan with a difference is reported until a later entry explains it. Repeated, it writes nothing.

    Args:
        business_date: D; what is dated up to it is compared.
        run_id: the run in the ledger of runs; none when done by hand.
        due_at: when its window was due.
        only: report only these loans and entries.
    """
    entries = open_entries(business_date)
    before = _before(business_date)
    differences = compare(entries, before=before) if entries else []
    _write(
        differences,
        before=before,
        last_entry_id=entries.last_id if entries else None,
        business_date=business_date,
        run_id=run_id,
        due_at=due_at,
    )
    bad_items = [item for item in _bad_items(differences) if only is None or item.key in only]
    return Outcome(
        counts={"entries": entries.count if entries else 0, "breaks": len(differences)}, quarantined=bad_items
    )


def compare(entries: OpenEntries, *, before: Reconciliation | None = None) -> list[Difference]:
    """Return all that differs in these entries and their rows.

    Args:
        entries: what to compare.
        before: the reconciliation that has looked at the rows of earlier entries; its breaks are looked at again.
    """
    differing = differing_entries(entries)
    suspects = {one.entry_id for one in differing}
    if before:
        suspects |= set(before.breaks.values_list("entry_id", flat=True))
    fresh = accrual_entries(entries, after_id=before.last_entry_id or 0 if before else 0)
    rows = differing_rows(entries, of=[*fresh, *suspects])
    return [*_blamed(differing, rows), *rows]


def _before(business_date: date) -> Reconciliation | None:
    return Reconciliation.objects.filter(business_date__lt=business_date).order_by("-business_date").first()


def _blamed(entries: Iterable[Difference], rows: Iterable[Difference]) -> list[Difference]:
    """Give an entry that sums up many loans the one whose row is wrong, if it is one."""
    wrong = defaultdict[int, set[str]](set)
    for row in rows:
        wrong[row.entry_id].add(row.loan_number)
    return [
        replace(entry, loan_number=min(wrong[entry.entry_id]))
        if not entry.loan_number and len(wrong[entry.entry_id]) == 1
        else entry
        for entry in entries
    ]


def _write(
    differences: Sequence[Difference],
    *,
    before: Reconciliation | None,
    last_entry_id: int | None,
    business_date: date,
    run_id: int | None,
    due_at: datetime | None,
) -> None:
    # An entry's rows always balance: whatever the lines are out of balance by is among the differences.
    imbalance = sum((one.found - one.expected for one in differences if one.what == Break.What.ENTRY), ZERO)
    reconciliation, is_new = Reconciliation.objects.get_or_create(
        business_date=business_date,
        defaults={"imbalance": imbalance, "last_entry_id": last_entry_id, "run_id": run_id, "due_at": due_at},
    )
    if not is_new:
        return
    since = {_key(one): one.since for one in Break.objects.filter(reconciliation=before)}
    Break.objects.bulk_create(
        Break(
            reconciliation=reconciliation,
            what=one.what,
            account=one.account,
            entry_id=one.entry_id,
            loan_number=one.loan_number,
            expected=one.expected,
            found=one.found,
            since=since.get(_key(one), business_date),
        )
        for one in differences
    )


def _key(one: Break | Difference) -> tuple[str, str, int, str]:
    return one.what, one.account, one.entry_id, one.loan_number


def _bad_items(differences: Iterable[Difference]) -> list[BadItem]:
    """Return each loan that has differences, and each entry that has some and no loan, with all of them."""
    told = defaultdict[tuple[str, str], list[str]](list)
    for one in differences:
        item = ("loans.Loan", one.loan_number) if one.loan_number else ("ledger.JournalEntry", str(one.entry_id))
        told[item].append(describe(one))
    return [
        BadItem(model=model, key=key, reason=f"{'; '.join(reasons)}: book what explains it as an entry of its own")
        for (model, key), reasons in told.items()
    ]


def describe(one: Difference) -> str:
    """Tell a difference in one line."""
    what = Break.What(one.what).label
    return f"{one.account} of entry {one.entry_id} should be {one.expected} and is {one.found} ({what})"
