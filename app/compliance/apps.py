"""Registers the compliance app with Django."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    """See the package's own docstring."""

    name = "compliance"
