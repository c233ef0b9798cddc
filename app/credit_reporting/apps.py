"""Registers the credit_reporting app with Django."""

from django.apps import AppConfig


class CreditReportingConfig(AppConfig):
    """See the package's own docstring."""

    name = "credit_reporting"
