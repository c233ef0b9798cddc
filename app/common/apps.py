"""Registers the common room with Django."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Tasks, clock and money; no tables of its own."""

    name = "common"
