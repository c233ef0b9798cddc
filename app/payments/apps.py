"""Registers the payments app with Django."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """See the package's own docstring."""

    name = "payments"
