"""The commands of statements."""
