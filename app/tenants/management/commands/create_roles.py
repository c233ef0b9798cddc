"""`create_roles`: a managed Postgres comes with a master only; this makes the owner and the app from their URLs."""

import os
from typing import Any

import dj_database_url
import psycopg
from django.core.management.base import BaseCommand, CommandError

from tenants import roles

MASTER = ("DATABASE_MASTER_USERNAME", "DATABASE_MASTER_PASSWORD")


class Command(BaseCommand):
    """See the module."""

    help = "Make the database's two roles, with the passwords of DATABASE_URL and DATABASE_OWNER_URL. Repeatable."
    requires_system_checks: tuple[str, ...] = ()  # They connect as the roles that do not exist yet.

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Connect as the master and make them.

        Raises:
            CommandError: a variable is missing, or the master is refused.
        """
        wanted = (*MASTER, "DATABASE_URL", "DATABASE_OWNER_URL")
        if missing := [name for name in wanted if not os.environ.get(name)]:
            raise CommandError(f"Set {', '.join(missing)}: the master's name and password, and the two roles' URLs.")
        owner, app = (_role(os.environ[name]) for name in ("DATABASE_OWNER_URL", "DATABASE_URL"))
        user, password = (os.environ[name] for name in MASTER)
        try:
            with psycopg.connect(os.environ["DATABASE_OWNER_URL"], user=user, password=password) as connection:
                roles.create(connection, owner=owner, app=app)
        except psycopg.Error as error:
            raise CommandError(f"The roles were not made: {' '.join(str(error).split())}") from error
        self.stdout.write(self.style.SUCCESS(f"{owner.name} owns the database, {app.name} may connect to it."))


def _role(url: str) -> roles.Role:
    parts = dj_database_url.parse(url)
    return roles.Role(parts["USER"], parts["PASSWORD"])
