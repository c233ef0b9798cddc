"""Casework by hand."""
