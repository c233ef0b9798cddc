"""The database's own refusal of entries dated in a closed month."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION ledger_refuse_closed_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    late date;
BEGIN
    SELECT entry_date INTO late FROM entries JOIN ledger_accountingperiod period
        ON period.starts_on = date_trunc('month', entry_date)::date
    WHERE period.status = 'closed' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the books of % are closed: date the entry in an open month', to_char(late, 'YYYY-MM')
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""

TRIGGER = """
CREATE TRIGGER ledger_entry_is_in_an_open_period AFTER INSERT ON ledger_journalentry
REFERENCING NEW TABLE AS entries FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_closed_period()
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_chart_and_balance")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION ledger_refuse_closed_period() CASCADE"),
        migrations.RunSQL(TRIGGER, migrations.RunSQL.noop),
    ]
