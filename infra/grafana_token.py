"""`python -m infra.grafana_token ENVIRONMENT -- COMMAND …` runs a command that may change Grafana.

The token is made for the run, given to the command in its environment, and deleted after it; nobody keeps it. Pulumi's
provider finds it in `GRAFANA_HTTP_HEADERS`, because `GRAFANA_AUTH` would be written into the state, and
`manage.py tenant_dashboards --sync` in `MATINS_GRAFANA_TOKEN`. `MATINS_GRAFANA_URL` says where Grafana is.
"""

import argparse
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.exceptions import DeploymentError
from infra.settings import Environment, load

HEADERS, TOKEN, URL = "GRAFANA_HTTP_HEADERS", "MATINS_GRAFANA_TOKEN", "MATINS_GRAFANA_URL"
#: The service account that the stack observability makes.
ACCOUNT = "pulumi"
#: Seconds after which it ends by itself, should nobody have deleted it.
LIFE_S = 3600


class TokenMissingError(DeploymentError):
    """Grafana would let nobody in."""

    def __init__(self) -> None:
        super().__init__(
            f"There is no {HEADERS}: `make deploy` makes a token for its run; for a command of your own, put "
            "`python -m infra.grafana_token ENVIRONMENT --` before it."
        )


class GrafanaMissingError(DeploymentError):
    """There is no Grafana that a token could be for."""

    def __init__(self, environment: str, reason: str) -> None:
        super().__init__(
            f"No token for the Grafana of {environment}: {reason}. Deploy its stack observability first, with "
            f"`make deploy ENV={environment} STACK=observability`."
        )


def require(variables: Mapping[str, str]) -> None:
    """Make sure that a token is there.

    Raises:
        TokenMissingError: it is not.
    """
    if HEADERS not in variables:
        raise TokenMissingError


@contextmanager
def minted(environment: Environment, grafana: Any) -> Iterator[Mapping[str, str]]:
    """Lend the variables that hold a token and where it opens; it is deleted at the end.

    Args:
        environment: whose Grafana.
        grafana: boto3's client.

    Raises:
        GrafanaMissingError: there is none, or AWS gives no token for it.
    """
    try:
        workspace = _workspace(environment, grafana)
        account = {"workspaceId": workspace["id"], "serviceAccountId": _account(environment, grafana, workspace["id"])}
        made = grafana.create_workspace_service_account_token(
            name=f"run-{uuid.uuid4()}", secondsToLive=LIFE_S, **account
        )["serviceAccountToken"]
    except (BotoCoreError, ClientError) as error:
        raise GrafanaMissingError(environment.name, str(error)) from error
    try:
        header = json.dumps({"Authorization": f"Bearer {made['key']}"})
        yield {HEADERS: header, TOKEN: made["key"], URL: f"https://{workspace['endpoint']}"}
    finally:
        grafana.delete_workspace_service_account_token(tokenId=made["id"], **account)


def _workspace(environment: Environment, grafana: Any) -> Mapping[str, Any]:
    name = environment.named("grafana")
    found = grafana.get_paginator("list_workspaces").paginate().build_full_result()["workspaces"]
    workspace: Mapping[str, Any] | None = next((it for it in found if it.get("name") == name), None)
    if workspace is None:
        raise GrafanaMissingError(environment.name, f"there is no workspace {name}")
    return workspace


def _account(environment: Environment, grafana: Any, workspace_id: str) -> str:
    """Return the id of the service account."""
    pages = grafana.get_paginator("list_workspace_service_accounts").paginate(workspaceId=workspace_id)
    found = pages.build_full_result()["serviceAccounts"]
    account: str | None = next((it["id"] for it in found if it["name"] == ACCOUNT), None)
    if account is None:
        raise GrafanaMissingError(environment.name, f"its service account {ACCOUNT} is gone")
    return account


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code; 3 where there is no token."""
    parser = argparse.ArgumentParser(prog="python -m infra.grafana_token", description=__doc__)
    parser.add_argument("environment", help="one of infra/environments")
    parser.add_argument("command", nargs="+", metavar="COMMAND", help="what to run, after --")
    given = parser.parse_args(arguments)
    try:
        environment = load(given.environment)
        with minted(environment, boto3.client("grafana", region_name=environment.region)) as variables:
            return subprocess.run(given.command, env={**os.environ, **variables}, check=False).returncode  # noqa: S603 - the user's own command
    except DeploymentError as error:
        print(error, file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())
