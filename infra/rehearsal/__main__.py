"""`python -m infra.rehearsal ENVIRONMENT`, which `make rehearse` calls.

Exit codes: 0 it would work; 2 called wrongly; 3 it would not, a sentence on stderr says why; 4 stopped.
"""

import argparse
import signal
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from infra.engine import Result
from infra.engine.exceptions import StoppedError
from infra.exceptions import DeploymentError
from infra.rehearsal import costs, workshop
from infra.rehearsal.brief import Brief
from infra.rehearsal.rehearsal import Rehearsal
from infra.settings import load
from infra.standin import Account, serving

DONE, REFUSED, STOPPED = 0, 3, 4


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        arguments: of the command line; this process' own where there are none.
    """
    parser = argparse.ArgumentParser(
        prog="python -m infra.rehearsal", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("environment", help="one of infra/environments")
    # Whoever ends it ends it as Ctrl-C does: the engine's processes and the temporary copy go with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        rehearse(load(parser.parse_args(arguments).environment).name, Console())
    except (KeyboardInterrupt, StoppedError):
        return STOPPED
    except DeploymentError as error:
        print(error, file=sys.stderr)
        return REFUSED
    return DONE


def rehearse(environment: str, console: Console) -> None:
    """Deploy an environment to an account that does not exist, show what that is and costs, and delete it.

    Args:
        environment: one of infra/environments.
        console: to write on.

    Raises:
        DeploymentError: it would not work; the text says why.
    """
    started, account = time.monotonic(), Account()
    with tempfile.TemporaryDirectory(prefix="matins-rehearsal-") as folder, serving(account) as standins:
        engine = workshop.build(Path(folder), environment)
        engine = replace(engine, variables={**engine.variables, **standins})
        rehearsal = Rehearsal(environment=environment, engine=engine, desk=Brief(console=console))
        previews = rehearsal.make()
        console.print(costs.table(costs.estimate(account.held.values())))
        rehearsal.settle()
        rehearsal.destroy()
    rehearsal.desk.say(_summary(environment, previews, time.monotonic() - started))


def _summary(environment: str, previews: dict[str, Result], seconds: float) -> str:
    made = sum(preview.counts.get("create", 0) for preview in previews.values())
    advice = sum(len(preview.violations) for preview in previews.values())
    return (
        f"{environment}: {len(previews)} stacks, {made} resources previewed, made, made again without a change and "
        f"deleted in {seconds:.0f} s; policies advise {advice} times and forbid nothing. No account was asked."
    )


if __name__ == "__main__":
    sys.exit(main())
