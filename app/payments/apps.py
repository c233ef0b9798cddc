"""Registers the payments app with Django."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """See the package's own docstring."""

    name = "payments"

    def ready(self) -> None:
        """Let every process know how drafts are delivered, for any may relay the outbox, and who hears of changes."""
        from payments import receivers  # noqa: F401 - registers itself
        from payments.services import drafting  # noqa: F401 - registers itself
