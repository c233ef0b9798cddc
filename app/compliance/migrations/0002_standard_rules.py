"""The rules every tenant begins with. The one about licences is off until licences are entered."""

from django.db import migrations

RULES = [
    ("scra-rate-cap", "rate cap", 3, {"status": "scra", "max_rate": "0.06"}, True),
    ("mla-rate-cap", "rate cap", 3, {"status": "mla", "max_rate": "0.36"}, True),
    ("rate-change-notice", "rate change notice", 2, {"days_before": 60}, True),
    ("drafts-after-two-failures", "drafts after failures", 3, {}, True),
    ("dispute-deadline", "dispute deadline", 2, {"warn_days": 5}, True),
    ("bankruptcy-stay", "bankruptcy stay", 4, {}, True),
    ("unflagged-status", "unflagged status", 3, {}, True),
    ("late-fee-cap", "late fee cap", 3, {}, True),
    ("lien-lapsed", "lien lapsed", 3, {}, True),
    ("state-licence", "state licence", 2, {"warn_days": 60, "states": None}, False),
]


def add(apps, schema_editor):
    rule = apps.get_model("compliance", "Rule")
    rule.objects.bulk_create(
        rule(code=code, kind=kind, severity=severity, parameters=parameters, active=active)
        for code, kind, severity, parameters, active in RULES
    )


class Migration(migrations.Migration):
    dependencies = [("compliance", "0001_initial")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
