"""The night board: pages and an API that show the night and act on it, by the same services as the commands."""
