"""Registers the ledger app with Django."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """See the package's own docstring."""

    name = "ledger"
