"""Registers the schedules app with Django."""

from django.apps import AppConfig


class SchedulesConfig(AppConfig):
    """See the package's own docstring."""

    name = "schedules"
