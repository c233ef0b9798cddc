"""Wiring only: settings, the Celery application, the list of queues, the URLs."""
