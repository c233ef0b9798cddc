"""Names that must be known before what they name exists."""

from infra.settings import Environment


def bucket_name(environment: Environment, name: str) -> str:
    """Return the name of a bucket; it carries the account's number, because bucket names are the whole world's."""
    return f"{environment.named(name)}-{environment.account_id}"


def state_url(environment: Environment) -> str:
    """Return where the state of the environment's stacks lies, as `pulumi login` takes it."""
    return f"s3://{bucket_name(environment, 'state')}?region={environment.region}"


def secrets_provider(environment: Environment) -> str:
    """Return what encrypts the secrets in that state, as `pulumi stack init --secrets-provider` takes it."""
    return f"awskms://alias/{environment.named('state')}?region={environment.region}"
