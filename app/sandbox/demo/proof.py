"""The demo's last page: what ran, what the books say, and whether an undisturbed replay says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from rich.table import Column, Table

from sandbox.demo.cast import EVE, NIGHTS, TENANTS, board_one, shares
from sandbox.demo.screen import console

if TYPE_CHECKING:
    from loans.selectors import Totals


FINAL = ("succeeded", "skipped", "failed")


def show_night() -> bool:
    """Print what ran and what the books say; return whether every ledger balances."""
    console.print(_runs_table())
    table = Table("tenant", "loans", "principal", "interest", "journal Dr = Cr", "proof", title="The books")
    books = [Books.of(schema_name) for schema_name in TENANTS]
    for each in books:
        table.add_row(*each.cells())
    console.print(table)
    console.print("[dim]ties: debits equal credits, and each sub-ledger equals its account of the general ledger.[/]")
    return all(each.tie for each in books)


@dataclass(frozen=True, kw_only=True)
class Books:
    """One tenant's books: the sub-ledger of its loans beside the general ledger."""

    schema_name: str
    totals: "Totals"
    debits: Decimal
    credits: Decimal
    principal: Decimal
    interest: Decimal

    @classmethod
    def of(cls, schema_name: str) -> Self:
        """Read one tenant's books."""
        from django_tenants.utils import schema_context

        from ledger.selectors import trial_balance
        from loans.selectors import totals

        with schema_context(schema_name):
            accounts = {account.code: account for account in trial_balance()}
            return cls(
                schema_name=schema_name,
                totals=totals(),
                debits=sum((account.debit for account in accounts.values()), Decimal(0)),
                credits=sum((account.credit for account in accounts.values()), Decimal(0)),
                principal=accounts["LR"].balance,
                interest=accounts["IR"].balance,
            )

    @property
    def tie(self) -> bool:
        """Whether the ledger balances and the sub-ledgers equal their accounts."""
        sub_ledger = (self.totals.principal, self.totals.interest)
        return self.debits == self.credits and sub_ledger == (self.principal, self.interest)

    def cells(self) -> list[str]:
        """Return the tenant's line of the table."""
        amounts = (self.totals.principal, self.totals.interest)
        journal = f"{self.debits:,.2f}" if self.debits == self.credits else f"{self.debits:,.2f} ≠ {self.credits:,.2f}"
        proof = "[green]ties[/]" if self.tie else "[bold red]OPEN[/]"
        return [self.schema_name, f"{self.totals.loans:,}", *(f"{amount:,.2f}" for amount in amounts), journal, proof]


def _runs_table() -> Table:
    from django.db.models import Count, Max, Q

    from schedules.models import Run

    table = Table("tenant", Column("schedule", no_wrap=True), *FINAL, "attempts", title="The nights")
    runs = Run.objects.order_by("tenant__schema_name", "window__schedule")
    counts = {f"{state}_runs": Count("id", filter=Q(state=state)) for state in FINAL}
    grouped = runs.values_list("tenant__schema_name", "window__schedule").annotate(**counts, most=Max("attempt"))
    for tenant, schedule, *numbers in grouped:
        table.add_row(tenant, schedule, *map(str, numbers))
    return table


def prove_replay() -> bool:
    """Replay the nights of every tenant undisturbed, one call a night, and compare the books row for row."""
    with console.status("Replaying the 31 nights undisturbed …"):
        differing = [schema_name for schema_name, share in shares().items() if not _replays(schema_name, share)]
    if differing:
        console.print(f"[red]The books of {', '.join(differing)} differ from an undisturbed replay.[/]")
    else:
        console.print("[green]Every tenant's books equal those of an undisturbed replay, row for row.[/]")
    return not differing


def _replays(schema_name: str, share: Sequence[str]) -> bool:
    """Do a tenant's nights again in a twin that takes part in no night of its own; a suspended tenant has none."""
    from loans.tasks import accrue_daily_interest
    from tenants import services

    twin = f"{schema_name}_replay"
    services.onboard(schema_name=twin, name=twin, enabled_at=EVE + timedelta(days=3650))
    try:
        board_one(twin, share)
        for night in range(1, NIGHTS + 1 if schema_name in TENANTS else 1):
            accrue_daily_interest(twin, business_date=(EVE.date() + timedelta(days=night)).isoformat())
        return _checksum(twin) == _checksum(schema_name)
    finally:
        services.close(schema_name=twin, drop_schema=True)


def _checksum(schema_name: str) -> str:
    from django_tenants.utils import schema_context

    from common import checksum

    with schema_context(schema_name):
        return checksum.checksum()
