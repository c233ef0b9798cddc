"""Why a deployment does not begin, or does not go on, and what to do next."""

from collections.abc import Iterable

from infra.engine import Step
from infra.exceptions import DeploymentError


class StandinError(DeploymentError):
    """Something other than AWS would answer."""

    def __init__(self, variables: Iterable[str]) -> None:
        names = ", ".join(variables)
        super().__init__(
            f"{names} is set: a stand-in would answer for AWS, and the state would record what never was. Unset it."
        )


class AccountError(DeploymentError):
    """The credentials are another account's."""

    def __init__(self, environment: str, wanted: str, found: str) -> None:
        super().__init__(
            f"{environment} is deployed to the account {wanted}, and these credentials are of {found}. Take those of "
            f"{wanted}, or change account_id in infra/environments/{environment}.toml."
        )


class CredentialsError(DeploymentError):
    """AWS does not say who is asking."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"AWS does not know who you are ({reason}). Log in with `aws sso login`, or set AWS_PROFILE.")


class ProtectedError(DeploymentError):
    """Something that is to be deleted is protected."""

    def __init__(self, found: Iterable[tuple[str, Step]], environment: str) -> None:
        lines = "\n".join(f"  {stack}: {step.name} ({step.type})" for stack, step in found)
        super().__init__(
            f"These are protected:\n{lines}\nNothing was deleted. If they are to go, set `protected` to false in "
            f"infra/environments/{environment}.toml and deploy that, or take the protection from one of them with "
            f"`pulumi -C infra/stacks/STACK state unprotect --stack {environment} URN`; then destroy again."
        )


class NotConfirmedError(DeploymentError):
    """Nobody said yes."""
