"""The demo's proof: the nights of a tenant done again, undisturbed and without the ledger, leave the same rows."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.utils.module_loading import import_string
from django_tenants.utils import schema_context
from rich.progress import track

from casework.models import CaseEvent
from common import clock
from common.books import books_transaction
from common.checksum import checksums
from common.context import RunContext, running
from common.rehearsal import in_one_go
from sandbox.demo import nights
from sandbox.demo.cast import EVE, NIGHTS, SUSPENDED, TENANTS, board_one, shares
from sandbox.demo.screen import console
from schedules import outbox
from schedules.registry import catalog
from tenants import services

#: One tenant that was disturbed on the way, and the one that took no part.
REPLAYED = (next(iter(TENANTS)), SUSPENDED[0])


def prove_replay() -> bool:
    """Do the nights of two tenants again undisturbed, one call a job, and compare the books row for row."""
    differing = [schema_name for schema_name in REPLAYED if not _replays(schema_name, shares()[schema_name])]
    if differing:
        console.print(f"[red]The books of {', '.join(differing)} differ from an undisturbed replay.[/]")
    else:
        console.print(f"[green]The books of {' and '.join(REPLAYED)} equal an undisturbed replay, row for row.[/]")
        console.print(
            "[dim]Only the second in which people worked a case is left out: two afternoons never agree on it.[/]"
        )
    return not differing


def _replays(schema_name: str, share: Sequence[str]) -> bool:
    """Do a tenant's nights again in a twin that takes part in no night of its own; a suspended tenant has none."""
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
    for night in track(range(1, NIGHTS + 1), description="Replaying acme's nights undisturbed …", console=console):
        business_date = EVE.date() + timedelta(days=night)
        for due_at in nights.due_times(business_date):
            _replay(twin, due_at)
        clock.set_to(datetime.combine(business_date, nights.NOON, UTC))
        nights.act(twin, business_date)
        clock.set_to(datetime.combine(business_date, nights.EVERYWHERE_DAY, UTC))
        _let_leave()


def _replay(twin: str, due_at: datetime) -> None:
    """Do all that is due at a time, without the ledger, in the order of the catalog, and let leave what may."""
    clock.set_to(due_at)
    for schedule in catalog():
        if due_at in schedule.occurrences(due_at - timedelta(minutes=1), due_at):
            with books_transaction(twin), running(_run(schedule.name, due_at)):
                in_one_go(import_string(schedule.task), twin, business_date=due_at.date())
    _let_leave()


def _run(schedule: str, due_at: datetime) -> RunContext:
    """Return what a body knows of its run; the ids are in no row that is compared."""
    return RunContext(run_id=0, window_id=0, schedule=schedule, due_at=due_at, business_date=due_at.date())


def _let_leave() -> None:
    while outbox.relay():
        pass


def _checksums(schema_name: str) -> dict[str, object]:
    """Return what a tenant's tables say; of what people did to cases all but the second in which they did it."""
    with schema_context(schema_name):
        told = dict[str, object](checksums())
        events = CaseEvent.objects.values_list("case__number", "kind", "by", "note", "until")
        told[CaseEvent._meta.label] = sorted(map(str, events))  # noqa: SLF001 - Django's way to name a model
        return told
