"""Registers the statements app with Django."""

from django.apps import AppConfig


class StatementsConfig(AppConfig):
    """See the package's own docstring."""

    name = "statements"

    def ready(self) -> None:
        """Let the outbox know how statements leave."""
        from statements.services import delivering  # noqa: F401 - registers itself
