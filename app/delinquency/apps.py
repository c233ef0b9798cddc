"""Registers the delinquency app with Django."""

from django.apps import AppConfig


class DelinquencyConfig(AppConfig):
    """See the package's own docstring."""

    name = "delinquency"
