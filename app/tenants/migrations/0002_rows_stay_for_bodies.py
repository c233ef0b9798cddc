"""Keeps a tenant's row and its name in place until no body of it runs: bodies lock the tenant's number, not its row."""

from django.db import migrations

# The number is `tenants.locks.BODIES`.
WAIT_FOR_BODIES = """
CREATE FUNCTION public.tenants_wait_for_bodies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1296127042, OLD.id::integer);
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER tenants_stay_for_bodies BEFORE DELETE ON public.tenants_tenant
    FOR EACH ROW EXECUTE FUNCTION public.tenants_wait_for_bodies();
CREATE TRIGGER tenants_keep_names_for_bodies BEFORE UPDATE OF schema_name ON public.tenants_tenant
    FOR EACH ROW WHEN (OLD.schema_name <> NEW.schema_name) EXECUTE FUNCTION public.tenants_wait_for_bodies();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            sql=WAIT_FOR_BODIES,
            reverse_sql="DROP FUNCTION public.tenants_wait_for_bodies() CASCADE",
        ),
    ]
