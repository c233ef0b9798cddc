"""Registers the tests' jobs as a tenant app."""

from django.apps import AppConfig


class NightjobsConfig(AppConfig):
    """See the package's docstring."""

    name = "tests.nightjobs"
    label = "nightjobs"
