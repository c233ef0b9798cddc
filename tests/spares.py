"""Tenants' schemas that tests have used are emptied and used again: a clone takes longer than most tests."""

from django.db import connection

from tenants import template
from tenants.names import SYSTEM_SCHEMAS, TEMPLATE_SCHEMA

#: The schemas that tests were lent, by the ids of their namespaces, which a renamed one keeps.
_lent = set()
_clone = template.clone

SCHEMAS = "SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY oid"

# A test that altered its schema has spoilt it for others.
STRUCTURE = """
    SELECT sum(hashtextextended(concat(relname, relkind, attname, atttypid, attnotnull, attidentity), 0)::numeric),
           (SELECT sum(hashtextextended(concat(conname, convalidated, contype), 0)::numeric)
            FROM pg_constraint WHERE connamespace = %(schema)s::regnamespace),
           (SELECT sum(hashtextextended(concat(relname, tgname, tgenabled), 0)::numeric)
            FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
            WHERE relnamespace = %(schema)s::regnamespace AND NOT tgisinternal)
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relnamespace = %(schema)s::regnamespace AND relkind IN ('r', 'p', 'v', 'S') AND attnum > 0"""

# Without triggers, which keep history from being deleted. What has no page in either schema has and had no row; and
# the view `pg_sequences` would cost more than all the rest.
EMPTY = """
DO $$
DECLARE
    part record;
    found boolean;
    columns text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR part IN SELECT mine.oid, mine.relname AS name
                FROM pg_class mine JOIN pg_class original USING (relname, relkind)
                WHERE mine.relnamespace = '{schema}'::regnamespace
                  AND original.relnamespace = '{template}'::regnamespace
                  AND relkind = 'r' AND relname <> 'django_migrations'
                  AND pg_relation_size(mine.oid) + pg_relation_size(original.oid) > 0
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM {schema}.%I) OR EXISTS (SELECT FROM {template}.%I)',
                       part.name, part.name) INTO found;
        IF found THEN
            EXECUTE format('DELETE FROM {schema}.%I', part.name);
            SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
            WHERE attrelid = part.oid AND attnum > 0 AND attgenerated = '' AND NOT attisdropped;
            EXECUTE format('INSERT INTO {schema}.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM {template}.%I',
                           part.name, columns, columns, part.name);
        END IF;
    END LOOP;
    FOR part IN SELECT mine.relname AS name, pg_sequence_last_value(original.oid) AS was
                FROM pg_class mine JOIN pg_class original USING (relname, relkind)
                WHERE mine.relnamespace = '{schema}'::regnamespace
                  AND original.relnamespace = '{template}'::regnamespace
                  AND relkind = 'S'
                  AND pg_sequence_last_value(mine.oid) IS DISTINCT FROM pg_sequence_last_value(original.oid)
    LOOP
        PERFORM setval(format('{schema}.%I', part.name), coalesce(part.was, 1), part.was IS NOT NULL);
    END LOOP;
END $$"""

# Servers that are not the tests' own may not let it.
MAY_EMPTY = "SELECT has_parameter_privilege('session_replication_role', 'SET')"


def lend(schema_name):
    """Make a tenant's schema as `tenants.template.clone` does, of one that was used before if there is any."""
    with connection.cursor() as cursor:
        cursor.execute(SCHEMAS)
        spare = next((name for oid, name in cursor.fetchall() if _is_spare(oid, name)), None)
        if spare:
            cursor.execute(f"ALTER SCHEMA {spare} RENAME TO {schema_name}")
        else:
            _clone(schema_name)
        cursor.execute("SELECT oid FROM pg_namespace WHERE nspname = %s", [schema_name])
        _lent.add(cursor.fetchone()[0])


def take_back():
    """Empty the schemas that were lent, and drop all others of tenants."""
    with connection.cursor() as cursor:
        cursor.execute(SCHEMAS)
        for oid, name in cursor.fetchall():
            if name in SYSTEM_SCHEMAS or _is_spare(oid, name):
                continue
            if oid in _lent and _is_like_new(cursor, name):
                cursor.execute(EMPTY.format(schema=name, template=TEMPLATE_SCHEMA))
                cursor.execute(f"ALTER SCHEMA {name} RENAME TO spare_{oid}")
            else:
                cursor.execute(f"DROP SCHEMA {connection.ops.quote_name(name)} CASCADE")


def drop():
    """Drop the schemas that are spare now."""
    with connection.cursor() as cursor:
        cursor.execute(SCHEMAS)
        for oid, name in cursor.fetchall():
            if _is_spare(oid, name):
                cursor.execute(f"DROP SCHEMA {name} CASCADE")


def _is_spare(oid, name):
    return oid in _lent and name.startswith("spare_")


def _is_like_new(cursor, name):
    """Return whether a schema can be made as it was."""
    cursor.execute(MAY_EMPTY)
    if cursor.fetchone() == (False,):
        return False
    structures = set()
    for schema in (TEMPLATE_SCHEMA, name):
        cursor.execute(STRUCTURE, {"schema": schema})
        structures.add(cursor.fetchone())
    return len(structures) == 1
