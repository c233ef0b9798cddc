"""Commands that operators type."""
