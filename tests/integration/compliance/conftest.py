"""One tenant's books, empty for every test."""

from tests.integration.loans.schema import books, tenant

__all__ = ["books", "tenant"]
