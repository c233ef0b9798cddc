"""Writing what bureaus are told."""

from credit_reporting.services.reporter import set_reporter
from credit_reporting.services.reports import correct, generate_metro2

__all__ = ["correct", "generate_metro2", "set_reporter"]
