"""Lets the storm into the platform's processes, as an app of theirs; `app/` knows nothing of it."""

import os

from django.apps import AppConfig


class StormConfig(AppConfig):
    """See the module."""

    name = "tests.faults.storm"
    label = "storm"

    def ready(self):
        """Watch the bodies of this process, and sabotage it where that was asked for."""
        from tests.faults.storm import effects, sabotage

        if effects.DIARY in os.environ:
            effects.install()
            sabotage.install(os.environ.get(sabotage.VARIABLE, ""))
