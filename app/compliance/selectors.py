"""What is checked."""

from django.db.models import QuerySet

from compliance.models import Rule


def active_rules() -> QuerySet[Rule]:
    """Return the rules that every night checks, by their codes."""
    return Rule.objects.filter(active=True).order_by("code")
