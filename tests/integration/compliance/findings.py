"""What tests check and read back."""

from compliance import services
from compliance.models import Finding, FindingChange, Rule


def check(code, day, **options):
    """Check a rule as the night of `day` does; return its counts."""
    return services.check_rule(rule_id=Rule.objects.get(code=code).pk, business_date=day, **options).counts


def found(code=None):
    """Return (subject, since, severity) of what is open."""
    rows = Finding.objects.filter(resolved_on=None, **({"rule__code": code} if code else {}))
    return list(rows.order_by("rule", "subject", "window_start").values_list("subject", "window_start", "severity"))


def changes():
    """Return (what, date, severity) of what became of findings, in order."""
    return list(FindingChange.objects.order_by("id").values_list("what", "business_date", "severity"))
