"""Registers the payments app with Django."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """See the package's own docstring."""

    name = "payments"

    def ready(self) -> None:
        """Let every process know how drafts are delivered: any of them may relay the outbox."""
        from payments.services import drafting  # noqa: F401 - registers itself
