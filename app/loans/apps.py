"""Registers the loans app with Django."""

from django.apps import AppConfig


class LoansConfig(AppConfig):
    """See the package's own docstring."""

    name = "loans"
