"""What every tenant job stands on: the task classes, the business clock, money."""
