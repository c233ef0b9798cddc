"""What must be true before anything is asked of the engine: it is AWS that answers, and the right account."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.deployment import exceptions
from infra.settings import Environment

#: Of variables that make somebody else answer for a provider or for AWS.
STANDINS = ("PULUMI_DEBUG_", "AWS_ENDPOINT_URL")


def refuse_standins(variables: Mapping[str, str]) -> None:
    """Make sure that a real deployment does not talk to a rehearsal's providers.

    Raises:
        StandinError: naming the variables.
    """
    if found := sorted(name for name in variables if name.startswith(STANDINS)):
        raise exceptions.StandinError(found)


def check_account(environment: Environment, sts: Any) -> None:
    """Make sure that the credentials are of the environment's account.

    Args:
        environment: says which.
        sts: boto3's client.

    Raises:
        AccountError: they are of another.
        CredentialsError: there are none, or they are no longer good.
    """
    try:
        found = sts.get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise exceptions.CredentialsError(str(error)) from None
    if found != environment.account_id:
        raise exceptions.AccountError(environment.name, environment.account_id, found)
