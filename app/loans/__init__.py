"""Loans: products, instalments, rates and the accrual of interest."""
