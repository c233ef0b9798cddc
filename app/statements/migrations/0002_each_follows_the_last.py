"""Each statement goes on from the one before it: the database knows no other closing balance to open with."""

from django.db import migrations

FOLLOWS = """
ALTER TABLE statements_statement
    ADD CONSTRAINT statements_statement_closes UNIQUE (loan_id, period_end, closing),
    ADD CONSTRAINT statements_statement_follows FOREIGN KEY (loan_id, previous_end, opening)
        REFERENCES statements_statement (loan_id, period_end, closing);
"""

STANDS_ALONE = """
ALTER TABLE statements_statement
    DROP CONSTRAINT statements_statement_follows,
    DROP CONSTRAINT statements_statement_closes;
"""


class Migration(migrations.Migration):
    dependencies = [("statements", "0001_initial")]

    operations = [migrations.RunSQL(FOLLOWS, STANDS_ALONE)]
