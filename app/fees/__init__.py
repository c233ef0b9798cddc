"""Fees: late fees, once for an instalment, and those of a schedule."""
