"""Joins monitoring to what it watches: a beat's ticks and a worker's queues."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """What can be seen."""

    name = "monitoring"

    def ready(self) -> None:
        """Connect the signals; that the process lives is written down before anything that could fail."""
        from celery.signals import celeryd_after_setup

        from monitoring import canaries, checks, heartbeat
        from schedules.signals import ticked

        ticked.connect(heartbeat.on_tick)
        ticked.connect(canaries.on_tick)
        celeryd_after_setup.connect(canaries.on_worker_setup)
        checks.register()
