"""`reseal`: after a new key has come, seal all that older ones have sealed."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from common.exceptions import SealError
from common.management.progress import bar
from common.resealing import count_old, reseal
from tenants import selectors
from tenants.management.operator import OperatorCommand


class Command(OperatorCommand):
    """See the module."""

    help = (
        "Seal identities and account numbers of every tenant with the first of MATINS_IDENTITY_KEYS; repeatable. "
        "When it has ended well, the others can be taken away."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the tenant and `--dry-run`."""
        parser.add_argument("--tenant", metavar="SCHEMA", help="only this tenant, by its schema name")
        parser.add_argument("--dry-run", action="store_true", help="count what older keys have sealed; change nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Seal again, tenant by tenant.

        Raises:
            CommandError: a value cannot be opened, and of which tenant.
        """
        schemas = [selectors.tenant(options["tenant"]).schema_name] if options["tenant"] else selectors.schema_names()
        old = sum(map(count_old, schemas))
        if options["dry_run"]:
            self.stdout.write(f"{old:,} values of {len(schemas)} tenants are sealed by older keys; nothing changed.")
            return
        with bar("Sealing", total=old) as progress:
            for schema_name in schemas:
                try:
                    reseal(schema_name, progress=progress)
                except SealError as error:
                    raise CommandError(f"{schema_name}: {error}") from error
        self.stdout.write(self.style.SUCCESS(f"{old:,} values of {len(schemas)} tenants sealed with the newest key."))
