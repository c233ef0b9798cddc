"""Borrowers who are somebody."""


def name(borrower, identity):
    """Let a borrower be somebody."""
    borrower.identity = identity
    borrower.save()
