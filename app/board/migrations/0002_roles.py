"""The roles, as groups: whoever is in none of them sees nothing of the board."""

from django.db import migrations

ROLES = ("viewer", "operator", "administrator")


def make_roles(apps, schema_editor):
    """Make each role's group, unless it is there."""
    groups = apps.get_model("auth", "Group").objects
    for role in ROLES:
        groups.get_or_create(name=role)


class Migration(migrations.Migration):
    """See the module."""

    dependencies = [
        ("board", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
