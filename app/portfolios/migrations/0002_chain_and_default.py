"""The portfolio that takes what no rule names, and the key that makes a loan's memberships one chain."""

from datetime import date

from django.db import migrations

# It must have been opened before any night.
OPENED_ON = date(1970, 1, 1)

CHAIN = """
    ALTER TABLE portfolios_membership ADD CONSTRAINT portfolios_membership_chain
    FOREIGN KEY (loan_id, follows) REFERENCES portfolios_membership (loan_id, until)
"""


def add_default(apps, schema_editor):
    apps.get_model("portfolios", "Portfolio").objects.create(
        code="default", name="What no rule names", is_default=True, opened_on=OPENED_ON
    )


class Migration(migrations.Migration):
    dependencies = [("portfolios", "0001_initial")]

    operations = [
        migrations.RunPython(add_default, migrations.RunPython.noop),
        migrations.RunSQL(CHAIN, "ALTER TABLE portfolios_membership DROP CONSTRAINT portfolios_membership_chain"),
    ]
