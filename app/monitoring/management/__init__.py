"""The operator's commands for windows and runs."""
