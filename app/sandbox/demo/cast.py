"""The demo's cast: four tenants and a suspended one, and the loans of one tape split among them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from sandbox.demo.screen import console
from sandbox.servers import APP_DIR

EVE = datetime(2018, 6, 30, 12, tzinfo=UTC)
TENANTS = {"acme": "Acme Lending", "beta": "Beta Credit", "cedar": "Cedar Loans", "delta": "Delta Finance"}
SUSPENDED = ("dormant", "Dormant Bank")
TAPE = APP_DIR.parent.parent / "shared" / "data" / "loan_tape.csv"
LOANS = 5000
SEED = 2018
#: Into August: its instalments are drafted, and some drafts come back.
NIGHTS = 36


def onboard() -> None:
    """Onboard the tenants, one to be suspended before the first night."""
    from tenants import services

    for schema_name, name in (*TENANTS.items(), SUSPENDED):
        services.onboard(schema_name=schema_name, name=name, enabled_at=EVE)
    console.print(f"Onboarded {len(TENANTS) + 1} tenants, each by cloning the migrated template.")


def board() -> None:
    """Board one tape, split among the tenants by turns, and suspend the last of them."""
    from tenants import services

    for schema_name, share in shares().items():
        report = board_one(schema_name, share)
        odd = f", {len(report.warnings)} of them with a warning" if report.warnings else ""
        console.print(f"  {schema_name:8} {report.loaded} loans boarded as of {EVE:%F}{odd}")
    services.suspend(schema_name=SUSPENDED[0])
    console.print(f"[yellow]{SUSPENDED[0]}[/] is suspended: its runs of every night will be skipped, with that reason.")


def board_one(schema_name: str, share: Sequence[str]) -> Any:
    """Board some lines of the tape for one tenant, and let its borrowers say how they pay; return the report."""
    from django_tenants.utils import schema_context

    from loans.boarding import board_loans
    from sandbox.demo import borrowers, office

    with schema_context(schema_name):
        _agree_on_terms()
    with NamedTemporaryFile("w", suffix=".csv") as tape, console.status(f"Boarding the loans of {schema_name} …"):
        tape.write("\n".join(share) + "\n")
        tape.flush()
        report = board_loans(schema_name=schema_name, path=Path(tape.name), as_of=EVE.date(), synthetic_borrowers=True)
    with schema_context(schema_name):
        borrowers.enrol()
        office.arrange(EVE.date())
    return report


def _agree_on_terms() -> None:
    """Let loans be charged off after 90 days, so that these nights see some of it."""
    from loans.boarding.services import PRODUCT, TERMS
    from loans.models import Product

    Product.objects.create(code=PRODUCT, **TERMS, charge_off_dpd=90)


def shares() -> dict[str, list[str]]:
    """Return every tenant's lines of the tape, the header first."""
    header, *rows = _tape()
    names = [*TENANTS, SUSPENDED[0]]
    return {name: [header, *rows[place :: len(names)]] for place, name in enumerate(names)}


@cache
def _tape() -> Sequence[str]:
    """Return the lines of the real tape where it lies beside the checkout, else of one generated from a seed."""
    if TAPE.exists():
        console.print(f"The tape: {LOANS:,} real loans, {TAPE.name}.")
        return TAPE.read_text().splitlines()
    from loans.tape import tape_lines

    console.print(f"The tape: {LOANS:,} generated loans (seed {SEED}); the real one is not beside this checkout.")
    return list(tape_lines(rows=LOANS, seed=SEED))
