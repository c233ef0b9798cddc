"""What a test leaves behind is cleared away here: tenants, windows, messages, files and simulated time."""

import os
import shutil
from pathlib import Path


def up():
    """Leave nothing but the migrated public schema and the tenants' template."""
    from django.db import connection

    from tests import spares

    connection.close()  # Whatever state or transaction the test left it in.
    connection.set_schema_to_public()  # A page of a tenant's site leaves its schema to whoever comes next.
    spares.take_back()
    _empty_ledger()
    connection.close()
    _flush_broker()
    Path(os.environ["MATINS_CLOCK_FILE"]).unlink(missing_ok=True)
    shutil.rmtree(os.environ["MATINS_FILES"], ignore_errors=True)


def _empty_ledger():
    from django.db import connection

    ours = "schemaname = 'public' AND tablename ~ '^(tenants|schedules|monitoring|board)_|^auth_user$'"
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '5s'")
        cursor.execute(f"SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE {ours}")
        cursor.execute(f"TRUNCATE {cursor.fetchone()[0]} RESTART IDENTITY CASCADE")


def _flush_broker():
    import redis

    for name in ("REDIS_URL", "REDIS_RESULT_URL"):
        with redis.Redis.from_url(os.environ[name]) as client:
            client.flushdb()
