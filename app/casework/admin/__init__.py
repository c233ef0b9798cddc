"""Casework to look at."""

from casework.admin import cases, contacts

__all__ = ["cases", "contacts"]
