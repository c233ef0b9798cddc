"""What the credit bureaus are told of a tenant's loans, month by month."""
