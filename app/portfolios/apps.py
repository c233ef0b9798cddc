"""Registers the portfolios app with Django."""

from django.apps import AppConfig


class PortfoliosConfig(AppConfig):
    """See the package's own docstring."""

    name = "portfolios"
