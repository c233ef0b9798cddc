"""The operator's door: every command of Matins starts here."""

import os
import sys
from pathlib import Path

# These change schemas, roles or history, which the app role may not (DESIGN: two database roles).
OWNER_COMMANDS = frozenset(
    {"migrate", "migrate_schemas", "makemigrations", "onboard", "close", "migrate_tenants", "prune", "reseal"}
)


def main() -> None:
    """Run one management command, as the database owner only where the command needs it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if OWNER_COMMANDS.intersection(sys.argv[1:2]):
        os.environ.setdefault("MATINS_DB_ROLE", "owner")
    if sys.argv[1:2] == ["healthy"]:
        # A health check runs it every few seconds: without the apps it takes a tenth of the time.
        from monitoring.management.commands.healthy import Command

        Command().run_from_argv(sys.argv)
        return
    # What watches a deployment is built beside app/; `tenant_dashboards` takes its builders from there.
    sys.path.append(str(Path(__file__).resolve().parents[1]))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
