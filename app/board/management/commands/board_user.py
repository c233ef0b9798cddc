"""`board_user`: let somebody sign in to the board, with a password that was made up and is shown once."""

import secrets
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management.base import CommandParser
from django.db import transaction

from board.access import Role
from board.models import TenantBinding
from tenants import selectors
from tenants.management.operator import OperatorCommand

# 128 bits: no dictionary and no throttle is needed against guessing it.
PASSWORD_BYTES = 16


class Command(OperatorCommand):
    """See the module."""

    help = "Make a user of the night board, or give one a new password, role and tenants; prints the password once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the name, the role and the tenants."""
        parser.add_argument("name", metavar="NAME", help="the user's name")
        parser.add_argument("--role", required=True, choices=Role.values, help="what the user may do")
        parser.add_argument("--tenant", action="append", metavar="SCHEMA", help="bind to this tenant; may be repeated")

    @transaction.atomic
    def handle(self, *_args: Any, **options: Any) -> None:
        """Make the user."""
        tenants = [selectors.tenant(name) for name in options["tenant"] or []]
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        user, _ = User.objects.get_or_create(username=options["name"])
        user.set_password(password)
        user.is_active = True
        user.save()
        user.groups.set([Group.objects.get(name=options["role"])])
        user.tenant_bindings.all().delete()
        TenantBinding.objects.bulk_create(TenantBinding(user=user, tenant=tenant) for tenant in tenants)
        self.stdout.write(f"night board : sign in at /night/ as {user.username}, password {password}")
