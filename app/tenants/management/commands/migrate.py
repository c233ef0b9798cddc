"""`migrate`: public and the template, then the app role's rights, so that a first deployment is one command.

django-tenants' own `migrate` goes through the tenants as well, one after the other, and ends at the first that
fails; here they are `migrate_tenants`' work. `migrate --schema NAME` and `migrate --tenant` are still its own.
"""

import sys
from typing import Any

from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand
from django_tenants.utils import schema_exists

from tenants import grants, template
from tenants.management.operator import OperatorCommand
from tenants.names import TEMPLATE_SCHEMA


class Command(OperatorCommand, MigrateSchemasCommand):  # type: ignore[misc]
    """See the module."""

    help = "Migrate public and the template of the tenants; `migrate_tenants` does these and the tenants."

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate public, then the template, and give the app role its rights in public."""
        if options["tenant"] or options["schema_name"]:
            super().handle(*args, **options)
            return
        looking = options["plan"] or options["check_unapplied"]
        super().handle(*args, **{**options, "shared": True})
        if not looking:
            template.install()
        if not schema_exists(TEMPLATE_SCHEMA):
            sys.exit("There is no template yet.")
        super().handle(*args, **{**options, "schema_name": TEMPLATE_SCHEMA})
        if not looking:
            grants.apply("public")
