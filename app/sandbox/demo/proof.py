"""The demo's last page: what ran, what the books say, and which documents there are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from rich.box import SIMPLE
from rich.table import Column, Table

from sandbox.demo.cast import EVE, NIGHTS, TENANTS
from sandbox.demo.screen import console

if TYPE_CHECKING:
    from loans.selectors import Activity

FINAL = ("succeeded", "skipped", "failed")
FIRST, LAST = EVE.date() + timedelta(days=1), EVE.date() + timedelta(days=NIGHTS)


def show_night() -> bool:
    """Print what ran and what the books say; return whether every ledger balances."""
    console.print(_runs_table())
    books = [Books.of(schema_name) for schema_name in TENANTS]
    console.print(_books_table(books))
    console.print("[dim]ties: debits equal credits, the closing balance is the general ledger's, and the last[/]")
    console.print("[dim]reconciliation found every entry and every row of interest in order.[/]")
    return all(each.tie for each in books)


def _books_table(books: Sequence["Books"]) -> Table:
    columns = [Column(each.schema_name, justify="right", no_wrap=True) for each in books]
    what = Column("dollars", no_wrap=True)
    table = Table(what, *columns, title=f"The books, {FIRST} to {LAST}", box=SIMPLE, pad_edge=False)
    for row in zip(*(each.lines().items() for each in books), strict=True):
        table.add_row(row[0][0], *(amount for _, amount in row))
    return table


@dataclass(frozen=True, kw_only=True)
class Books:
    """One tenant's books: what moved its loans' balances, beside the general ledger."""

    schema_name: str
    activity: "Activity"
    imbalance: Decimal
    #: What the general ledger says is owed: principal, interest and fees.
    receivable: Decimal
    #: Differences that the last reconciliation found; None when there was none.
    breaks: int | None

    @classmethod
    def of(cls, schema_name: str) -> Self:
        """Read one tenant's books."""
        from django_tenants.utils import schema_context

        from ledger.selectors import trial_balance
        from loans.models import Reconciliation
        from loans.selectors import activity

        with schema_context(schema_name):
            accounts = {account.code: account.balance for account in trial_balance()}
            last = Reconciliation.objects.filter(business_date=LAST).first()
            return cls(
                schema_name=schema_name,
                activity=activity(start=FIRST, end=LAST),
                imbalance=sum(accounts.values(), Decimal(0)),
                receivable=sum((accounts.get(code, Decimal(0)) for code in ("LR", "IR", "FR")), Decimal(0)),
                breaks=last.breaks.count() if last else None,
            )

    @property
    def tie(self) -> bool:
        """Whether the ledger balances, the loans' movements explain it, and the night's own check agreed."""
        return not self.imbalance and self.activity.closing == self.receivable and self.breaks == 0

    def lines(self) -> dict[str, str]:
        """Return the lines of the tenant's column."""
        moved = self.activity
        amounts = {
            "opening": moved.opening,
            "+ interest": moved.interest,
            "+ fees": moved.fees + moved.waivers,
            "- payments": -moved.payments,
            "- charge-offs": -moved.charge_offs,
            "= closing": moved.closing,
            "GL says": self.receivable,
        }
        proof = "[green]ties[/]" if self.tie else "[bold red]OPEN[/]"
        return {**{what: f"{amount:,.2f}" for what, amount in amounts.items()}, "proof": proof}


def _runs_table() -> Table:
    """Return what each schedule did, all nights and tenants together."""
    from schedules.models import Run

    states, counts, attempts = Counter[tuple[str, str]](), dict[str, Counter[str]](), dict[str, int]()
    runs = Run.objects.order_by("window__due_at").values_list("window__schedule", "state", "counts", "attempt")
    for schedule, state, counted, attempt in runs:
        states[schedule, state] += 1
        counts.setdefault(schedule, Counter()).update(counted or {})
        attempts[schedule] = max(attempts.get(schedule, 0), attempt)
    columns = (Column("schedule", no_wrap=True), "done", "skipped", "failed", "tries", "what they did")
    table = Table(*columns, title="The nights", box=SIMPLE, pad_edge=False)
    for schedule, did in counts.items():
        told = ", ".join(f"{number:,} {what.replace('_', ' ')}" for what, number in did.items() if number)
        table.add_row(
            schedule, *(str(states[schedule, state]) for state in FINAL), str(attempts[schedule]), told or "nothing"
        )
    return table
