"""The night board for scripts: the same reads and actions over HTTP, as JSON, described by OpenAPI."""
