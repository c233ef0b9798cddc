"""The fields that say how the night is watched: metrics and who may look at them."""

from typing import Annotated, Literal

from pydantic import Field, HttpUrl

from infra.settings.sizes import Days, Model

#: AMP keeps metrics for three years at most.
LONGEST_DAYS = 1095


class Metrics(Model):
    """The store of metrics.

    Args:
        days: for which they are kept.
    """

    days: Annotated[Days, Field(le=LONGEST_DAYS)]


class Grafana(Model):
    """Who may look at the dashboards, and how Grafana knows them; it keeps no passwords of its own.

    Args:
        version: of Grafana, as AWS offers it.
        sign_in: IAM Identity Center, which the account or its organization must have enabled, or a SAML provider.
        admins: groups that may change everything: their ids in Identity Center, or values of the SAML attribute.
        viewers: groups of Identity Center that may look; whoever a SAML provider lets in may anyway.
        identity_center_region: where Identity Center is, if elsewhere than the environment.
        saml_metadata: address of the SAML provider's metadata.
        saml_groups: its attribute that holds a person's groups.
    """

    version: Annotated[str, Field(pattern=r"^\d+\.\d+$")]
    sign_in: Literal["identity-center", "saml"]
    admins: Annotated[tuple[str, ...], Field(min_length=1)]
    viewers: tuple[str, ...] = ()
    identity_center_region: str = ""
    saml_metadata: HttpUrl | None = None
    saml_groups: str = "groups"
