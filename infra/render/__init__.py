"""Pure functions from settings to the documents AWS reads: policies, containers, alarms."""
