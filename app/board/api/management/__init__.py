"""Who may use the API is managed at the command line."""
