"""`python -m infra.deployment preview|deploy|destroy|drift ENVIRONMENT`, which `make` calls.

Exit codes: 0 done, or nothing has drifted; 1 something has; 2 called wrongly; 3 refused or failed, a sentence on stderr
says why; 4 not confirmed.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial

import boto3
from rich.console import Console

from infra import grafana_token
from infra.deployment import guards
from infra.deployment.deployment import Deployment
from infra.deployment.desk import Desk
from infra.deployment.exceptions import NotConfirmedError
from infra.engine import Engine, Operation
from infra.exceptions import DeploymentError
from infra.projects import DEPLOYED
from infra.render.names import state_url
from infra.settings import Environment, load

DONE, DRIFTED, REFUSED, NOT_CONFIRMED = 0, 1, 3, 4


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code.

    Args:
        arguments: of the command line; this process' own where there are none.
    """
    given = _parse(arguments)
    try:
        environment = load(given.environment)
        guards.refuse_standins(os.environ)
        guards.check_account(environment, boto3.client("sts", region_name=environment.region))
        return _run(given, environment)
    except DeploymentError as error:
        print(error, file=sys.stderr)
        return NOT_CONFIRMED if isinstance(error, NotConfirmedError) else REFUSED
    except KeyboardInterrupt:
        return NOT_CONFIRMED


def _run(given: argparse.Namespace, environment: Environment) -> int:
    variables = {} if "PULUMI_BACKEND_URL" in os.environ else {"PULUMI_BACKEND_URL": state_url(environment)}
    deployment = Deployment(
        environment=environment.name,
        engine=Engine(variables=variables),
        desk=Desk(console=Console(), yes=given.yes),
        stacks=[stack for stack in DEPLOYED if stack in (given.stack or DEPLOYED)],
        lend=partial(_lend, environment),
    )
    found = getattr(deployment, given.command)()
    return DRIFTED if found else DONE


def _lend(environment: Environment, stack: str, operation: Operation) -> AbstractContextManager[Mapping[str, str]]:
    """Lend a token to what must reach Grafana; a preview asks it nothing, and it may not be there yet."""
    if stack != "dashboards" or operation in (Operation.PREVIEW, Operation.PREVIEW_DESTROY):
        return nullcontext({})
    return grafana_token.minted(environment, boto3.client("grafana", region_name=environment.region))


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m infra.deployment", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = {
        "preview": "show what a deployment would do",
        "deploy": "preview, ask, deploy exactly that: stack after stack",
        "destroy": "look whether everything may go, ask, delete",
        "drift": "show what changed in AWS by other hands",
    }
    parser.add_argument(
        "command", choices=commands, help="; ".join(f"{name}: {text}" for name, text in commands.items())
    )
    parser.add_argument("environment", help="one of infra/environments")
    parser.add_argument("--stack", action="append", choices=DEPLOYED, help="only this one (may be repeated)")
    parser.add_argument("--yes", action="store_true", help="ask nobody")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
