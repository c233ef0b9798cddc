"""Makes the API an app of its own: its tables and its command come and go with it."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The night board for scripts."""

    name = "board.api"
    label = "board_api"
