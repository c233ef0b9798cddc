"""The two roles of a deployment's database, made once by the master of a managed Postgres."""

from typing import Any, NamedTuple

import psycopg
from psycopg import sql

#: The database and what is in it belong to the owner; nobody else may connect but the app.
OWN = (
    "GRANT {owner} TO CURRENT_USER",  # Who gives something away must be a member of who gets it.
    "ALTER DATABASE {database} OWNER TO {owner}",
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "GRANT CONNECT ON DATABASE {database} TO {app}",
)


class Role(NamedTuple):
    """A role and its password."""

    name: str
    password: str


def create(connection: psycopg.Connection[Any], *, owner: Role, app: Role) -> None:
    """Make both roles, or give them these passwords, and the database to the owner; repeatable.

    Args:
        connection: of the database's master.
        owner: migrates, onboards, closes and prunes.
        app: everything else.
    """
    with connection.transaction():
        for role in (owner, app):
            _ensure(connection, role)
        names = {"owner": owner.name, "app": app.name, "database": connection.info.dbname}
        for statement in OWN:
            identifiers = {key: sql.Identifier(name) for key, name in names.items()}
            connection.execute(sql.SQL(statement).format(**identifiers))


def _ensure(connection: psycopg.Connection[Any], role: Role) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role.name]).fetchone()
    # Only the hash travels, so that no log of statements holds the password.
    hashed = connection.pgconn.encrypt_password(role.password.encode(), role.name.encode(), b"scram-sha-256").decode()
    verb = sql.SQL("ALTER" if known else "CREATE")
    statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, sql.Identifier(role.name), sql.Literal(hashed))
    connection.execute(statement)
