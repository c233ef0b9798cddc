"""One Postgres and one Valkey for the whole session; what a test wrote is gone before the next begins."""

import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from sandbox.servers import Sandbox
from tests import pattern, tidy

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
    """Start the servers (unless DATABASE_URL names others) before Django reads its settings.

    Of a session that is split (`-n 2`), every part has servers of its own; the whole has none, it runs no test.
    """
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        return
    scratch = tempfile.TemporaryDirectory(prefix="matins-tests-", ignore_cleanup_errors=True)
    config.add_cleanup(scratch.cleanup)
    config.stash[_SERVERS] = None
    if "DATABASE_URL" not in os.environ:
        pattern.copy_into(Path(scratch.name))
        servers = config.stash[_SERVERS] = Sandbox(Path(scratch.name), discard=True)
        servers.start()
        config.add_cleanup(servers.close)
        os.environ.update(servers.env)
    os.environ.update(pattern.environment(Path(scratch.name)))
    import django

    django.setup()
    if config.stash[_SERVERS]:
        from tests.servers import loosen

        loosen()


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
def database(request: pytest.FixtureRequest) -> None:
    """The public schema and the tenants' template, migrated; the tests' own servers began so."""
    if request.config.stash[_SERVERS] is None:
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        connection.close()


@pytest.fixture
def night(database: None) -> Iterator[None]:
    """A database without tenants, windows, messages, files or simulated time, before the test and after it."""
    yield
    tidy.up()


@pytest.fixture
def lending(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tenants are onboarded into schemas that tests before used, where there are any."""
    from tenants import template
    from tests import spares

    monkeypatch.setattr(template, "clone", spares.lend)


@pytest.fixture
def make_tenant(night: None, lending: None) -> Callable[..., "Tenant"]:
    """Return a function that onboards a tenant: `make_tenant("acme")`."""
    from tenants.services import onboard

    def make(schema_name: str, *, enabled_at: datetime | None = None) -> "Tenant":
        return onboard(schema_name=schema_name, name=schema_name.title(), enabled_at=enabled_at)

    return make
