"""Everything a schema holds, as text, so that two schemas can be compared object by object."""

import re

from django.db import connection, transaction

QUERIES = {
    "tables": """
        SELECT format('%%s %%s %%s %%s %%s', relkind, relpersistence, relname, reloptions, relrowsecurity)
        FROM pg_class WHERE relnamespace = %(schema)s::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
        ORDER BY 1""",
    "columns": """
        SELECT format('%%s %%s. %%s %%s%%s identity=%%s generated=%%s default=%%s comment=%%s', c.relname,
            row_number() OVER (PARTITION BY c.oid ORDER BY attnum), attname, format_type(atttypid, atttypmod),
            CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END, attidentity, attgenerated,
            pg_get_expr(adbin, adrelid), col_description(c.oid, attnum))
        FROM pg_class c JOIN pg_attribute ON attrelid = c.oid LEFT JOIN pg_attrdef ON adrelid = c.oid AND adnum = attnum
        WHERE relnamespace = %(schema)s::regnamespace AND relkind IN ('r', 'p', 'v') AND attnum > 0
            AND NOT attisdropped
        ORDER BY c.relname, attnum""",
    "constraints": """
        SELECT format('%%s %%s %%s validated=%%s', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated)
        FROM pg_constraint WHERE connamespace = %(schema)s::regnamespace ORDER BY 1""",
    "indexes": """
        SELECT format('%%s valid=%%s', pg_get_indexdef(indexrelid), indisvalid)
        FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relnamespace = %(schema)s::regnamespace ORDER BY 1""",
    "sequences": """
        SELECT format('%%s %%s start=%%s min=%%s max=%%s by=%%s cycle=%%s cache=%%s next=%%s owned by %%s.%%s (%%s)',
            sequencename, data_type, start_value, min_value, max_value, increment_by, cycle, cache_size,
            coalesce(last_value + increment_by, start_value), refobjid::regclass, attname, deptype)
        FROM pg_sequences
        LEFT JOIN pg_depend ON objid = format('%%I.%%I', schemaname, sequencename)::regclass
            AND classid = 'pg_class'::regclass AND deptype IN ('a', 'i')
        LEFT JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
        WHERE schemaname = %(schema)s ORDER BY 1""",
    "triggers": """
        SELECT format('%%s enabled=%%s', pg_get_triggerdef(t.oid), tgenabled)
        FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
        WHERE relnamespace = %(schema)s::regnamespace AND NOT tgisinternal ORDER BY 1""",
    "functions": """
        SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = %(schema)s::regnamespace ORDER BY 1""",
    "views": """
        SELECT format('%%s %%s', relname, pg_get_viewdef(oid))
        FROM pg_class WHERE relnamespace = %(schema)s::regnamespace AND relkind IN ('v', 'm') ORDER BY 1""",
    "rules": "SELECT format('%%s %%s', tablename, definition) FROM pg_rules WHERE schemaname = %(schema)s ORDER BY 1",
    "policies": "SELECT p::text FROM pg_policies p WHERE schemaname = %(schema)s ORDER BY 1",
    "types": """
        SELECT format('%%s %%s', typtype, typname) FROM pg_type
        WHERE typnamespace = %(schema)s::regnamespace ORDER BY 1""",
    "owners": """
        SELECT format('%%s %%s', relname, relowner::regrole)
        FROM pg_class WHERE relnamespace = %(schema)s::regnamespace ORDER BY 1""",
    "privileges": """
        SELECT format('%%s %%s %%s', name, grantee::regrole, string_agg(privilege_type, ' ' ORDER BY privilege_type))
        FROM (
            SELECT relname::text, (aclexplode(coalesce(relacl, acldefault(relkind, relowner)))).*
            FROM (SELECT relname, relacl, relowner, CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char" AS relkind
                  FROM pg_class WHERE relnamespace = %(schema)s::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S'))
            UNION ALL SELECT format('%%s.%%s', relname, attname), (aclexplode(attacl)).*
            FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = %(schema)s::regnamespace
            UNION ALL SELECT 'schema', (aclexplode(coalesce(nspacl, acldefault('n', nspowner)))).* FROM pg_namespace
            WHERE nspname = %(schema)s
        ) AS acl (name) GROUP BY name, grantee ORDER BY 1""",
}


def inventory(schema_name: str) -> dict[str, list[str]]:
    """Return the definitions of all objects of a schema by kind, each with `<schema>` for the schema's own name.

    Whatever another schema's name remains in them points out of the schema.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = ''")  # Then Postgres writes every name with its schema.
        return {kind: _definitions(cursor, query, schema_name) for kind, query in QUERIES.items()} | {
            "rows": _rows(cursor, schema_name)
        }


def _definitions(cursor, query, schema_name):
    cursor.execute(query, {"schema": schema_name})
    return [re.sub(rf"\b{schema_name}\b", "<schema>", definition) for (definition,) in cursor.fetchall()]


def _rows(cursor, schema_name):
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema_name])
    return [row for (table,) in cursor.fetchall() for row in _rows_of(cursor, schema_name, table)]


def _rows_of(cursor, schema_name, table):
    cursor.execute(
        f"SELECT concat(%s::text, to_jsonb(t) - 'applied') FROM {schema_name}.{table} t ORDER BY 1", [f"{table} "]
    )
    return [row for (row,) in cursor.fetchall()]
