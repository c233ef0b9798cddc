"""Joins the ledger to Django: registration by `migrate`, answers to a tenant's change of status, system checks."""

from typing import Any

from django.apps import AppConfig
from django.db import connection
from django.db.models.signals import post_migrate


class SchedulesConfig(AppConfig):
    """What must run when."""

    name = "schedules"

    def ready(self) -> None:
        """Connect the signals and register the checks."""
        from schedules import checks, participation
        from tenants.signals import tenant_status_changed

        post_migrate.connect(register_catalog, sender=self)
        tenant_status_changed.connect(participation.on_status_changed)
        checks.register()


def register_catalog(**_: Any) -> None:
    """Register this deployment's schedules once its public tables are there."""
    from schedules.registry import catalog, register

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_schema() = 'public' AND to_regclass('public.schedules_registration') IS NOT NULL"
        )
        is_ready = cursor.fetchone() == (True,)
    if is_ready:
        register(catalog())
