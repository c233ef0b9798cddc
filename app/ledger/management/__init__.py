"""What operators type about the general ledger."""
