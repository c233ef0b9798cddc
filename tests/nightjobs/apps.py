"""Registers the tests' jobs as a tenant app."""

import os

from django.apps import AppConfig


class NightjobsConfig(AppConfig):
    """See the package's docstring."""

    name = "tests.nightjobs"
    label = "nightjobs"

    def ready(self):
        """Let the processes of a fault test misbehave around their bodies too."""
        if "MATINS_TEST_POINTS" in os.environ:
            from tests.nightjobs import points

            points.install()
