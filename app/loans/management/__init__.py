"""What operators type about loans."""
