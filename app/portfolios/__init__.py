"""Portfolios: which loans belong together, and what each of them stood at every night."""
