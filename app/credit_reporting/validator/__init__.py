"""Checks a Metro 2 file as a credit bureau would: written apart from the generator, whose slips it must not share."""

from credit_reporting.validator.files import activity_date
from credit_reporting.validator.findings import Finding
from credit_reporting.validator.validation import Validation

__all__ = ["Finding", "Validation", "activity_date"]
