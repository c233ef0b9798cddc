"""The board's entry in Django's list of apps."""

from django.apps import AppConfig


class BoardConfig(AppConfig):
    """See the package."""

    name = "board"

    def ready(self) -> None:
        """Count refused sign-ins, wherever somebody signs in."""
        from django.contrib.auth.signals import user_login_failed

        from board import throttle

        user_login_failed.connect(throttle.record, dispatch_uid="board")
