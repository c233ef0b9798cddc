"""Looks whether people could sign in to Grafana, before it is made: AWS does not, and then nobody can."""

from typing import Any

import boto3
import pulumi
from botocore.exceptions import ClientError

from infra.exceptions import DeploymentError
from infra.settings import load


class IdentityCenterMissingError(DeploymentError):
    """Grafana asks IAM Identity Center who somebody is, and there is none."""

    def __init__(self, region: str, reason: str) -> None:
        super().__init__(
            f"Grafana lets people in through IAM Identity Center, and {reason} in {region}. Enable it there (console: "
            "IAM Identity Center, Enable), name its region in grafana.identity_center_region, or set grafana.sign_in "
            'to "saml" and grafana.saml_metadata to the address of your provider\'s metadata.'
        )


def check(_args: pulumi.ResourceHookArgs) -> None:
    """Look for Identity Center, where the environment signs people in with it.

    Raises:
        IdentityCenterMissingError: see there.
    """
    environment = load(pulumi.get_stack())
    if environment.grafana.sign_in == "identity-center":
        region = environment.grafana.identity_center_region or environment.region
        find(boto3.client("sso-admin", region_name=region), region)


def find(sso_admin: Any, region: str) -> None:
    """Make sure that an instance of Identity Center can be seen.

    Args:
        sso_admin: boto3's client.
        region: where it looks.

    Raises:
        IdentityCenterMissingError: none can.
    """
    try:
        found = sso_admin.list_instances()["Instances"]
    except ClientError as error:
        raise IdentityCenterMissingError(region, f"AWS does not say whether it is enabled ({error})") from error
    if not found:
        raise IdentityCenterMissingError(region, "it is not enabled")
