"""What the pages show: a fixed number of statements each, however many tenants there are."""
