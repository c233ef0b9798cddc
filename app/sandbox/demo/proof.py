"""The demo's last page: what ran, what the books say, and whether an undisturbed replay says the same."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from rich.box import SIMPLE
from rich.progress import track
from rich.table import Column, Table

from sandbox.demo import borrowers
from sandbox.demo.cast import EVE, NIGHTS, SUSPENDED, TENANTS, board_one, shares
from sandbox.demo.screen import console

if TYPE_CHECKING:
    from loans.selectors import Activity

FINAL = ("succeeded", "skipped", "failed")
FIRST, LAST = EVE.date() + timedelta(days=1), EVE.date() + timedelta(days=NIGHTS)
#: One tenant that was disturbed on the way, and the one that took no part.
REPLAYED = (next(iter(TENANTS)), SUSPENDED[0])


def show_night() -> bool:
    """Print what ran and what the books say; return whether every ledger balances."""
    console.print(_runs_table())
    books = [Books.of(schema_name) for schema_name in TENANTS]
    console.print(_books_table(books))
    console.print(
        "[dim]Ties: debits equal credits, the closing balance is the general ledger's, and the last night's[/]"
    )
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


def prove_replay() -> bool:
    """Do the nights of two tenants again undisturbed, one call a job, and compare the books row for row."""
    differing = [schema_name for schema_name in REPLAYED if not _replays(schema_name, shares()[schema_name])]
    if differing:
        console.print(f"[red]The books of {', '.join(differing)} differ from an undisturbed replay.[/]")
    else:
        console.print(f"[green]The books of {' and '.join(REPLAYED)} equal an undisturbed replay, row for row.[/]")
    return not differing


def _replays(schema_name: str, share: Sequence[str]) -> bool:
    """Do a tenant's nights again in a twin that takes part in no night of its own; a suspended tenant has none."""
    from tenants import services

    twin = f"{schema_name}_replay"
    services.onboard(schema_name=twin, name=twin, enabled_at=EVE + timedelta(days=3650))
    try:
        board_one(twin, share)
        if schema_name in TENANTS:
            _replay_nights(twin)
        return _checksums(twin) == _checksums(schema_name)
    finally:
        services.close(schema_name=twin, drop_schema=True)


def _replay_nights(twin: str) -> None:
    from common import clock

    for night in track(range(1, NIGHTS + 1), description="Replaying acme's nights undisturbed …", console=console):
        business_date = EVE.date() + timedelta(days=night)
        _replay_night(twin, business_date)
        clock.set_to(datetime.combine(business_date, time(12), UTC))
        borrowers.pay(twin, business_date)


def _replay_night(twin: str, business_date: date) -> None:
    """Call every job of a night by hand, in the order they are due, and deliver what is to leave."""
    from django.utils.module_loading import import_string

    from common import clock
    from schedules import outbox
    from schedules.registry import catalog

    due = [(due_at, schedule.task) for schedule in catalog() if (due_at := schedule.due_on(business_date))]
    for due_at, task in sorted(due):
        clock.set_to(due_at)
        import_string(task)(twin, business_date=business_date.isoformat())
        outbox.relay()


def _checksums(schema_name: str) -> dict[str, object]:
    from django_tenants.utils import schema_context

    from common.checksum import checksums

    with schema_context(schema_name):
        return dict(checksums())
