"""Boarding: the loans of a tape come into a tenant's books as a servicing transfer (settled rule 22)."""

from loans.boarding.reading import DEFAULT_AS_OF, count_lines
from loans.boarding.report import BoardingReport, Finding
from loans.boarding.services import board_loans

__all__ = ["DEFAULT_AS_OF", "BoardingReport", "Finding", "board_loans", "count_lines"]
