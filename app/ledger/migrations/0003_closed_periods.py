"""The database's own refusal of entries dated in a closed month or before it, and of any change to a closed month."""

from django.db import migrations

REFUSE_ENTRIES = """
CREATE FUNCTION ledger_refuse_closed_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closed date := (SELECT max(starts_on) FROM ledger_accountingperiod WHERE status = 'closed');
BEGIN
    IF EXISTS (SELECT FROM entries WHERE entry_date < closed + interval '1 month') THEN
        RAISE EXCEPTION 'the books are closed through %: date the entry in an open month', to_char(closed, 'YYYY-MM')
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""

# Whoever moves an entry's date would take it out of a closed month, or put it there.
ENTRIES_TRIGGERS = [
    f"""
    CREATE TRIGGER ledger_entry_is_in_an_open_period_{event.lower()}_{rows.lower()} AFTER {event} ON ledger_journalentry
    REFERENCING {rows} TABLE AS entries FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_closed_period()
    """
    for event, rows in [("INSERT", "NEW"), ("UPDATE", "OLD"), ("UPDATE", "NEW")]
]

REFUSE_REOPENING = """
CREATE FUNCTION ledger_refuse_reopening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the books of % are closed for good: book a correction in an open month',
        to_char(OLD.starts_on, 'YYYY-MM') USING ERRCODE = 'check_violation';
END $$
"""

REOPENING_TRIGGER = """
CREATE TRIGGER ledger_period_stays_closed BEFORE UPDATE OR DELETE ON ledger_accountingperiod
FOR EACH ROW WHEN (OLD.status = 'closed') EXECUTE FUNCTION ledger_refuse_reopening()
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_chart_and_balance")]

    operations = [
        migrations.RunSQL(REFUSE_ENTRIES, "DROP FUNCTION ledger_refuse_closed_period() CASCADE"),
        *(migrations.RunSQL(trigger, migrations.RunSQL.noop) for trigger in ENTRIES_TRIGGERS),
        migrations.RunSQL(REFUSE_REOPENING, "DROP FUNCTION ledger_refuse_reopening() CASCADE"),
        migrations.RunSQL(REOPENING_TRIGGER, migrations.RunSQL.noop),
    ]
