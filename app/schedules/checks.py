"""System checks of the catalog: what would otherwise come out in the night."""

from typing import Any

from celery import current_app
from django.conf import settings
from django.core import checks
from django.utils.module_loading import autodiscover_modules

from schedules.registry import catalog


def register() -> None:
    """Register the checks with Django."""
    checks.register(check_catalog)


def check_catalog(**_: Any) -> list[checks.CheckMessage]:
    """Return what is wrong with the catalog as far as only the running project can tell."""
    try:
        schedules = tuple(catalog())
    except (ImportError, ValueError) as error:
        hint = "Mend the schedule the message names, or MATINS_CATALOG."
        return [checks.Error(f"The catalog cannot be loaded: {error}", hint=hint, id="schedules.E001")]
    autodiscover_modules("tasks")
    found: list[checks.CheckMessage] = []
    for schedule in schedules:
        found.extend(_check_schedule(schedule.name, schedule.task, schedule.queue))
    return found


def _check_schedule(name: str, task: str, queue: str) -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    if task not in current_app.tasks:
        hint = "Give the task's full name; its app must be installed and have a tasks.py."
        found.append(checks.Error(f"Schedule {name} runs unknown task {task!r}.", hint=hint, id="schedules.E002"))
    if queue not in settings.MATINS_QUEUES:
        hint = f"Choose one of config.queues: {', '.join(settings.MATINS_QUEUES)}."
        found.append(checks.Error(f"Schedule {name} goes to unknown queue {queue!r}.", hint=hint, id="schedules.E003"))
    return found
