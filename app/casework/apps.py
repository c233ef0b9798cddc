"""Registers the casework app with Django."""

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """See the package's own docstring."""

    name = "casework"

    def ready(self) -> None:
        """Let every process know how notices are delivered, for any may relay the outbox."""
        from casework.services import delivery  # noqa: F401 - registers itself
