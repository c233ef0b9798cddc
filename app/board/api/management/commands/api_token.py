"""`api_token`: let scripts in, and out again."""

from typing import Any, TextIO, cast

from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from board.access import Role
from board.api import tokens
from board.api.exceptions import ApiError
from board.api.models import Token
from tenants.management.operator import OperatorCommand
from tenants.models import Tenant


class Command(OperatorCommand):
    """See the module."""

    help = "Issue, revoke or list the tokens by which scripts use the night board's API."

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command.

        Raises:
            CommandError: for every refusal of the API.
        """
        try:
            return super().execute(*args, **options)
        except ApiError as error:
            raise CommandError(str(error)) from error

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what to do, and the token to do it with."""
        parser.add_argument("action", choices=["issue", "revoke", "list"], help="what to do")
        parser.add_argument("token", nargs="?", default="", help="issue: its name; revoke: its key, as `list` shows it")
        parser.add_argument(
            "--role", choices=Role.values, default=Role.VIEWER, help="what it may do; viewer by default"
        )
        parser.add_argument("--days", type=int, default=90, metavar="N", help="how long it lives; 90 by default")
        parser.add_argument("--tenant", action="append", metavar="SCHEMA", help="only this tenant; may be repeated")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it."""
        {"issue": self._issue, "revoke": self._revoke, "list": self._list}[options["action"]](options)

    def _issue(self, options: dict[str, Any]) -> None:
        """Print the secret alone on standard output, for a pipe into a secret store; the rest goes beside it."""
        issued = tokens.issue(
            name=options["token"],
            role=Role(options["role"]),
            days=options["days"],
            tenants=options["tenant"],
        )
        token = issued.token
        scope = _scope(token, _names())
        self.stderr.write(f"{token}: {token.role}, {scope}, until {token.expires_at:%Y-%m-%d %H:%M} UTC.")
        self.stderr.write("Keep it now, it is shown once:")
        self.stdout.write(issued.secret)

    def _revoke(self, options: dict[str, Any]) -> None:
        self.stdout.write(self.style.SUCCESS(f"{tokens.revoke(key=options['token'])} opens nothing any more."))

    def _list(self, _options: dict[str, Any]) -> None:
        table = Table("key", "name", "role", "tenants", "expires (UTC)", "state")
        names = _names()
        for token in tokens.all_tokens():
            state = "revoked" if token.revoked_at else "open" if token.lives else "expired"  # type: ignore[attr-defined]
            cells = (
                token.key,
                token.name,
                token.role,
                _scope(token, names),
                f"{token.expires_at:%Y-%m-%d %H:%M}",
                state,
            )
            table.add_row(*map(escape, cells), style="" if state == "open" else "dim")
        Console(file=cast("TextIO", self.stdout)).print(table)


def _names() -> dict[int, str]:
    return dict(Tenant.objects.values_list("id", "schema_name"))


def _scope(token: Token, names: dict[int, str]) -> str:
    return "all tenants" if token.tenant_ids is None else ", ".join(names[one] for one in token.tenant_ids)
