"""Loads the Celery application with Django, so that shared tasks bind to it in every process."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The wiring as a Django app: it has no models, only the Celery application and the deployment checks."""

    name = "config"

    def ready(self) -> None:
        """Bind `shared_task` to the Celery application and register the checks."""
        from config import celery, checks  # noqa: F401
