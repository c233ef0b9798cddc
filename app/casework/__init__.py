"""Casework: who is behind with what, who follows it up until when, and what the borrower is told."""
