"""The parts of the world, one module each in `parts`, found by being there."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

from tests.conformance import poisons
from tests.conformance.poisons import Poison

#: Labels whose rows tell of many items at once, so that one that comes later gets another row: entries, and drafts sent
#: together. A part may name its own.
OF_MANY = {
    "ledger.JournalEntry",
    "ledger.JournalLine",
    "loans.Reconciliation",
    "loans.Break",
    "outbox.ach-debits",
}


def parts() -> list[ModuleType]:
    """Return the modules of all parts, by their names."""
    names = sorted(path.stem for path in (Path(__file__).parent / "parts").glob("[a-z]*.py"))
    return [import_module(f"tests.conformance.parts.{name}") for name in names]


def poison_of(job: str) -> Poison:
    """Return what a bad item of a job is."""
    known = _known()
    assert job in known, f"Say in tests/conformance/poisons.py, or in a part, what a bad item of {job} is."
    return known[job]


def has_items(job: str) -> bool:
    """Return whether a job can have bad items; a part says None of one that cannot."""
    return _known().get(job, "unsaid") is not None


def _known() -> dict[str, Poison]:
    return poisons.POISONS | {job: poison for part in parts() for job, poison in part.POISONS.items()}


def of_many() -> set[str]:
    """Return the labels whose rows tell of many items at once."""
    return OF_MANY.union(*(getattr(part, "OF_MANY", set()) for part in parts()))
