"""Statements: what each loan's period came to, as the borrower is told it."""
