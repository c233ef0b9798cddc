"""Payments: what borrowers pay, and how it is asked of their banks."""
