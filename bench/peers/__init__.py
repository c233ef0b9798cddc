"""What the Celery family does in the situations of docs/comparison.md, beside Matins and at the same time."""
