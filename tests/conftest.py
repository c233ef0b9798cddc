"""One Postgres and one Valkey for the whole session; what a test wrote is gone before the next begins."""

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from sandbox.servers import Sandbox

if TYPE_CHECKING:
    from tenants.models import Tenant

# How long an example takes says nothing on a machine that has other work.
settings.register_profile("matins", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("matins")

_SERVERS = pytest.StashKey[Sandbox | None]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let CI insist that every test runs."""
    parser.addoption("--no-skips", action="store_true", help="fail when a test was skipped, whatever the reason")


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers (unless DATABASE_URL names others) before Django reads its settings."""
    scratch = tempfile.TemporaryDirectory(prefix="matins-tests-", ignore_cleanup_errors=True)
    config.add_cleanup(scratch.cleanup)
    config.stash[_SERVERS] = None
    if "DATABASE_URL" not in os.environ:
        servers = config.stash[_SERVERS] = Sandbox(Path(scratch.name), discard=True)
        servers.start()
        config.add_cleanup(servers.close)
        os.environ.update(servers.env)
    os.environ.update(
        MATINS_ENV="test",
        MATINS_DB_ROLE="owner",
        MATINS_CLOCK_FILE=str(Path(scratch.name) / "clock"),
        MATINS_FILES=str(Path(scratch.name) / "files"),
        DJANGO_SETTINGS_MODULE="config.settings",
    )
    if importlib.util.find_spec("tests.nightjobs"):
        os.environ["MATINS_EXTRA_APPS"] = "tests.nightjobs"
        os.environ["MATINS_CATALOG"] = "tests.nightjobs.catalog.NIGHTLY"
        os.environ["MATINS_TEST_ORDERS"] = str(Path(scratch.name) / "orders")
    import django

    django.setup()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a session with skipped tests into a failed one, if `--no-skips` was given."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--no-skips") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.ensure_newline()
        reporter.write_line("--no-skips: tests were skipped.", red=True)


@pytest.fixture(scope="session")
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """The running servers, to be stopped, crashed and flushed; after a test they must run again."""
    servers = request.config.stash[_SERVERS]
    if servers is None:
        pytest.skip("needs the embedded servers; unset DATABASE_URL")
    return servers


@pytest.fixture
def process_env() -> dict[str, str]:
    """The environment of a worker, beat or web process: that of the tests, as the app role."""
    return {**os.environ, "MATINS_DB_ROLE": "app"}


@pytest.fixture(scope="session")
def database() -> None:
    """The public schema and the tenants' template, migrated."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    connection.close()


@pytest.fixture
def night(database: None) -> Iterator[None]:
    """A database without tenants, windows, messages, files or simulated time, before the test and after it."""
    yield
    from django.db import connection

    connection.close()  # Whatever state, transaction or search path the test left it in.
    _drop_tenant_schemas()
    _truncate_ledger()
    connection.close()
    _flush_broker()
    Path(os.environ["MATINS_CLOCK_FILE"]).unlink(missing_ok=True)
    shutil.rmtree(os.environ["MATINS_FILES"], ignore_errors=True)


@pytest.fixture
def make_tenant(night: None) -> Callable[..., "Tenant"]:
    """Return a function that onboards a tenant: `make_tenant("acme")`."""
    from tenants.services import onboard

    def make(schema_name: str, *, enabled_at: datetime | None = None) -> "Tenant":
        return onboard(schema_name=schema_name, name=schema_name.title(), enabled_at=enabled_at)

    return make


def _drop_tenant_schemas() -> None:
    from django.db import connection

    from tenants.names import SYSTEM_SCHEMAS

    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'")
        for name in {row[0] for row in cursor.fetchall()} - SYSTEM_SCHEMAS:
            cursor.execute(f"DROP SCHEMA {connection.ops.quote_name(name)} CASCADE")


def _truncate_ledger() -> None:
    from django.db import connection

    ours = "schemaname = 'public' AND tablename ~ '^(tenants|schedules)_'"
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '5s'")
        cursor.execute(f"SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE {ours}")
        cursor.execute(f"TRUNCATE {cursor.fetchone()[0]} RESTART IDENTITY CASCADE")


def _flush_broker() -> None:
    import redis

    for name in ("REDIS_URL", "REDIS_RESULT_URL"):
        with redis.Redis.from_url(os.environ[name]) as client:
            client.flushdb()
