"""Grafana's dashboards, built in Python: `python -m ops.dashboards` writes the JSON that is committed beside it."""
