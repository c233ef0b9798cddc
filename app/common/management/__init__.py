"""What operators type about a tenant's books, and what such commands share."""
