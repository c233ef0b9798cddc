"""The queue of cases that no rule leads anywhere: every tenant has one, whatever else is arranged."""

from django.db import migrations


def make(apps, schema_editor):
    """Make it in the schema that is migrated."""
    apps.get_model("casework", "Queue").objects.create(code="general", is_default=True)


class Migration(migrations.Migration):
    """See the module."""

    dependencies = [("casework", "0001_initial")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
