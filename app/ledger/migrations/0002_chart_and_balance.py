"""The chart of accounts, and the database's own refusal of lines that do not balance.

The lines of an entry are written by one statement, so the check is one aggregate over what the statement touched:
it costs the same for an entry of two lines and for a hundred thousand entries. A deferred trigger would run once
for every line.
"""

from django.db import migrations

CHART = [
    ("LR", "loans receivable", "asset"),
    ("IR", "interest receivable", "asset"),
    ("FR", "fee receivable", "asset"),
    ("CL", "cash and clearing", "asset"),
    ("OVP", "overpayment liability", "liability"),
    ("II", "interest income", "income"),
    ("FI", "fee income", "income"),
    ("REC", "recoveries", "income"),
    ("CO", "charge-off expense", "expense"),
    ("COI", "interest charge-off", "contra-income"),
    ("COF", "fee charge-off", "contra-income"),
]

FUNCTION = """
CREATE FUNCTION ledger_refuse_imbalance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unbalanced record;
BEGIN
    SELECT entry_id, sum(debit) AS debit, sum(credit) AS credit INTO unbalanced
    FROM lines GROUP BY entry_id HAVING sum(debit) <> sum(credit) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % has debits of % and credits of %: write all lines of an entry in one statement',
            unbalanced.entry_id, unbalanced.debit, unbalanced.credit USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""

# What is added or taken away balances by itself; so does what an update finds, and what it leaves.
TRIGGERS = [
    f"""
    CREATE TRIGGER ledger_{event.lower()}_{rows.lower()}_balances AFTER {event} ON ledger_journalline
    REFERENCING {rows} TABLE AS lines FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_imbalance()
    """
    for event, rows in [("INSERT", "NEW"), ("UPDATE", "OLD"), ("UPDATE", "NEW"), ("DELETE", "OLD")]
]


def add_chart(apps, schema_editor):
    account = apps.get_model("ledger", "Account")
    account.objects.bulk_create(account(code=code, name=name, kind=kind) for code, name, kind in CHART)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.RunPython(add_chart, migrations.RunPython.noop),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION ledger_refuse_imbalance() CASCADE"),
        *(migrations.RunSQL(trigger, migrations.RunSQL.noop) for trigger in TRIGGERS),
    ]
