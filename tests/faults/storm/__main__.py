"""`make storm MINUTES=10 SEED=1`: the storm on servers of its own; its report, logs and blows go to .matins/storm."""

import argparse
import os
import random
import shutil
import sys
from pathlib import Path

from rich.console import Console

from sandbox.servers import Sandbox, SandboxError

ROOT = Path(__file__).resolve().parents[3]
#: See `sabotage.py`, which cannot be read before there are settings.
SABOTAGES = ("", "key", "ack", "fence", "reconciler", "activation")


def main():
    """Let the storm that was asked for rage; return the exit code."""
    arguments = _arguments()
    folder = ROOT / ".matins" / "storm"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        with Sandbox(folder / "servers", discard=True) as sandbox:
            _set_up_django(sandbox, folder)
            return _storm(arguments, sandbox, folder)
    except SandboxError as error:
        raise SystemExit(f"A server failed the storm: {error}") from None


def _arguments():
    parser = argparse.ArgumentParser(prog="make storm", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long, all in all (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=None, help="of every blow and payment (default: any)")
    parser.add_argument("--tenants", type=int, default=50, help="how many (default: %(default)s)")
    parser.add_argument("--nights", type=int, default=31, help="how many at most (default: %(default)s)")
    parser.add_argument("--sabotage", default="", choices=SABOTAGES, help="break a promise on purpose (sabotage.py)")
    return parser.parse_args()


def _set_up_django(sandbox, folder):
    os.environ.update(
        sandbox.env,
        MATINS_ENV="test",
        MATINS_DB_ROLE="owner",
        MATINS_EXTRA_APPS="tests.nightjobs",  # The tests' modules that are used here read its rows.
        MATINS_HEARTBEATS=str(folder / "heartbeats"),
        DJANGO_SETTINGS_MODULE="config.settings",
    )
    import django

    django.setup()


def _storm(arguments, sandbox, folder):
    from django.core.management import call_command

    from tests.faults.storm import report
    from tests.faults.storm.plan import Plan
    from tests.faults.storm.storm import rage
    from tests.servers import loosen

    loosen()
    console = Console()
    with console.status("Migrating …"):
        call_command("migrate", verbosity=0)
    plan = Plan(
        seed=random.randrange(10**6) if arguments.seed is None else arguments.seed,
        folder=folder,
        tenants=arguments.tenants,
        nights=arguments.nights,
        minutes=arguments.minutes,
        sabotage=arguments.sabotage,
    )
    console.print(f"Seed {plan.seed}; logs, blows and the report: .matins/storm")
    return 0 if report.write(rage(plan, sandbox, console), console) else 1


if __name__ == "__main__":
    sys.exit(main())
