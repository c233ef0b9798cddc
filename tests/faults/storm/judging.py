"""What must hold when a storm is over; each expectation names what breaks it."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django_tenants.utils import schema_context

from ledger.selectors import trial_balance
from schedules import broker
from schedules.catalog import CATALOG, CatchUp
from schedules.models import Run, Window
from tests.conformance.world import EVE
from tests.faults.storm import effects, twin

#: A passed deadline is promised to be seen within 5 s; a storm may hold the monitor's own connections for so long more.
SEEN_S = 5.0 + 10.0
MORE_CONNECTIONS, MORE_MEMORY = 10, 1.5
SHOWN = 5


@dataclass(frozen=True)
class Expectation:
    """One thing that must hold.

    Args:
        what: in words.
        told: figures that say of how much it holds.
        broken: what breaks it.
        is_measured: whether it also depends on how busy the machine is.
    """

    what: str
    told: str
    broken: list[str]
    is_measured: bool = False

    @property
    def holds(self):
        return not self.broken


def of_the_ledger(plan, until):
    """Judge what the ledger and the bodies' own notes say."""
    yield _windows(until)
    yield from _runs(plan)
    yield from _effects()


def _windows(until):
    """Every occurrence of every schedule has its window, once, and only the older ones of `latest` are skipped."""
    expected = Counter((one.name, due) for one in CATALOG for due in one.occurrences(EVE, until))
    found = Counter(Window.objects.values_list("schedule", "due_at"))
    wrong = [f"{name} {due:%F %H:%M} is there {found[name, due]} times" for name, due in sorted(expected | found)
             if found[name, due] != expected[name, due]]  # fmt: skip
    skipped = Window.objects.exclude(skipped="").values_list("schedule", "due_at")
    wrong += [f"{name} {due:%F %H:%M} is skipped" for name, due in skipped if not _is_latest(name)]
    return Expectation("every window accounted for", f"{found.total():,} windows", wrong)


def _runs(plan):
    """Each tenant's run of each window is there once, and has succeeded, or was superseded where that is its way."""
    windows = dict(Window.objects.filter(skipped="").values_list("id", "schedule"))
    runs = list(Run.objects.filter(item="").values_list("window_id", "tenant__schema_name", "state", "reason"))
    found = Counter((window, tenant) for window, tenant, _, _ in runs)
    expected = Counter((window, name) for window in windows for name in plan.names)
    lost = [f"{windows[one]} of {name} has no run" for one, name in expected - found]
    lost += [
        f"{windows[window]} of {tenant} {state}: {reason}"
        for window, tenant, state, reason in runs
        if state != "succeeded" and not (state == "skipped" and _is_latest(windows[window]))
    ]
    doubled = [f"{windows.get(one, one)} of {name} has {found[one, name]} runs" for one, name in found - expected]
    ended = Counter(state for _, _, state, _ in runs)
    told = ", ".join(f"{number:,} {state}" for state, number in ended.items())
    yield Expectation("zero runs lost", told, lost)
    yield Expectation(
        "zero runs doubled", f"{len(runs):,} runs, {Run.objects.exclude(item='').count():,} children", doubled
    )


def _effects():
    """Each run that succeeded has committed its body's end once; a run that did not has committed none."""
    committed = effects.committed()
    succeeded = set(Run.objects.filter(state="succeeded").values_list("id", flat=True))
    done = {run for run, step in committed if step == "done"}
    lost = [f"run {run} succeeded, and its body committed nothing" for run in succeeded - done]
    doubled = [
        f"run {run} committed its body {times} times ({step})" for (run, step), times in committed.items() if times > 1
    ]
    doubled += [f"run {run} did not succeed, and its body committed" for run in done - succeeded]
    yield Expectation("zero effects lost", f"{len(succeeded):,} runs succeeded", lost)
    yield Expectation("zero effects doubled", f"{committed.total():,} bodies committed", doubled)


def _is_latest(schedule):
    return CATALOG[schedule].catch_up is CatchUp.LATEST


def of_the_bodies(crew):
    """Judge where bodies began, and whether any process ended that nobody had killed."""
    began = crew.diary.read_text().splitlines() if crew.diary.exists() else []
    yield Expectation("no body began outside its tenant", f"{len(began)} began elsewhere", began)
    told = f"{len(crew.processes)} processes at the end"
    yield Expectation("no process died by itself", told, [f"{name} died" for name in crew.died])


def of_the_books(plan):
    """Judge each tenant's books: equal to its twin's, and in balance."""
    pairs = [(name, twin.name_of(script)) for script, names in plan.played().items() for name in names]
    differing = [f"{name}: {line}" for name, other in pairs for line in twin.differences(name, other)]
    rows = sum(number for name in plan.names for number, _ in twin.said(name).values())
    told = f"{rows:,} rows of {plan.tenants} tenants, {len(plan.played())} twins"
    yield Expectation("business rows equal an undisturbed twin's", told, differing)
    imbalances = [(name, imbalance) for name in plan.names if (imbalance := _imbalance(name))]
    open_books = [f"{name}: debits and credits differ by {imbalance}" for name, imbalance in imbalances]
    yield Expectation("every ledger balances", f"{plan.tenants} trial balances", open_books)


def _imbalance(schema_name):
    with schema_context(schema_name):
        return sum((account.balance for account in trial_balance()), Decimal(0))


def of_the_latencies(latencies):
    """Judge how soon passed deadlines were seen."""
    unseen = [f"unseen for {one:.1f} s" for one in (*latencies.seen, *latencies.missed) if one > SEEN_S]
    told = f"{len(latencies.seen)} seen, the slowest after {max(latencies.seen, default=0.0):.1f} s"
    yield Expectation(f"passed deadlines seen within {SEEN_S:.0f} s", told, unseen, is_measured=True)


def of_the_platform(before, after):
    """Judge what is left in use."""
    more = after.connections - before.connections
    leaks = [f"{more} connections more than at the start"] if more > MORE_CONNECTIONS else []
    told = f"{before.connections} → {after.connections}"
    yield Expectation("connections as at the start", told, leaks, is_measured=True)
    grown = [
        f"a {kind} has {after.process_mb[kind]:.0f} MB, at the start {mb:.0f}"
        for kind, mb in before.process_mb.items()
        if after.process_mb[kind] > MORE_MEMORY * mb
    ]
    told = ", ".join(f"{kind} {mb:.0f} → {after.process_mb[kind]:.0f} MB" for kind, mb in before.process_mb.items())
    yield Expectation("memory as at the start", told, grown, is_measured=True)
    waiting, taken = broker.contents()
    left = [f"{number} in {queue}" for queue, number in waiting.items() if number]
    told = f"{waiting.total()} wait; {taken.total()} in the hands of the dead, which the broker gives back some day"
    yield Expectation("no message left in the broker", told, left)
