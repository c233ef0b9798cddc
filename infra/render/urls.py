"""The URLs that hold passwords: what the app connects with, and what the broker's users may do."""

from urllib.parse import quote

import pulumi

DATABASE = "matins"
OWNER, APP = "matins_owner", "matins_app"
#: The CA bundle of RDS inside the image; the app believes no other server.
CA_BUNDLE = "/srv/matins/rds-ca.pem"
BROKER_DB, RESULT_DB = 1, 2
BROKER_USER, RESULT_USER = "matins-broker", "matins-results"

#: What each user of Valkey may do. Neither may flush, stop or reconfigure the server, or list everybody's keys;
#: `info` is how the app sees that no message can be evicted.
ACCESS: dict[str, str] = {
    BROKER_USER: "on ~* &* +@all -@admin -@dangerous +info",
    RESULT_USER: "on ~celery-* &celery-* +@all -@admin -@dangerous",
}


def database_url(user: str, password: pulumi.Input[str], endpoint: pulumi.Input[str]) -> pulumi.Output[str]:
    """Return a role's URL of the database; secret, as the password is.

    Args:
        user: OWNER or APP.
        password: of the role.
        endpoint: host and port.
    """
    return pulumi.Output.all(password, endpoint).apply(
        lambda both: (
            f"postgresql://{user}:{_quoted(both[0])}@{both[1]}/{DATABASE}?sslmode=verify-full&sslrootcert={CA_BUNDLE}"
        )
    )


def valkey_url(user: str, password: pulumi.Input[str], host: pulumi.Input[str], database: int) -> pulumi.Output[str]:
    """Return a user's URL of the Redis DBs; secret, as the password is.

    Args:
        user: BROKER_USER or RESULT_USER.
        password: of the user.
        host: the primary's name, which follows it to whoever takes over.
        database: BROKER_DB or RESULT_DB.
    """
    return pulumi.Output.all(password, host).apply(
        lambda both: f"rediss://{user}:{_quoted(both[0])}@{both[1]}:6379/{database}?ssl_cert_reqs=required"
    )


def _quoted(password: str) -> str:
    return quote(password, safe="")
