"""Alert rules and their routing, built from one file of thresholds: `python -m ops.alerts`."""
