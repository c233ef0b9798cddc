"""Registers the fees app with Django."""

from django.apps import AppConfig


class FeesConfig(AppConfig):
    """See the package's own docstring."""

    name = "fees"
