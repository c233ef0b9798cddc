"""The general ledger: double-entry journal whose balance the database enforces."""
