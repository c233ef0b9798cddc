"""What operators type about credit reporting."""
