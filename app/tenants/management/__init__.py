"""What operators type about tenants."""
