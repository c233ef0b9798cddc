"""Registers the tenants app with Django."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """See the package's own docstring."""

    name = "tenants"
