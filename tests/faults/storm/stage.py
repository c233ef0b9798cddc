"""The stage of a storm: tenants with equal books, servers behind a proxy, results in a Valkey of their own."""

import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import Error, connection, transaction
from django_tenants.utils import schema_context

from common import clock
from sandbox.servers import Sandbox
from sandbox.valkey import RESULTS_DB, Valkey
from schedules.catalog import CATALOG
from tests.conformance import history, nights
from tests.conformance.world import EVE
from tests.faults.storm import effects, sabotage
from tests.faults.storm.crew import Crew
from tests.faults.storm.proxy import Proxy
from tests.stage import deploy

#: The tenant that all others are like; it takes part in no night.
PRISTINE = "pristine"
NEVER = EVE + timedelta(days=3650)


@dataclass
class Stage:
    """Where a storm takes place.

    Args:
        plan: the storm.
        sandbox: Postgres and the broker.
        results: the result backend.
        proxy: before Postgres, and before the broker.
        crew: the processes.
        skew_s: how far the clock of one beat is off.
    """

    plan: object
    sandbox: Sandbox
    results: Valkey
    proxies: dict[str, Proxy]
    crew: Crew
    skew_s: float = 0.0

    def step_to(self, moment):
        """Let it be a later time for everybody, and some seconds from it for the beat whose clock is off."""
        clock.set_to(moment)
        self.skew(self.skew_s)

    def skew(self, seconds):
        """Put that beat's clock so many seconds ahead."""
        self.skew_s = seconds
        offset = float(Path(settings.MATINS_CLOCK_FILE).read_text())
        aside = self.crew.skewed_clock.with_suffix(".new")
        aside.write_text(repr(offset + seconds))
        aside.replace(self.crew.skewed_clock)


@contextmanager
def staged(plan, sandbox, console):
    """Set the stage, and clear it but for the tenants and the ledger."""
    deploy(CATALOG, at=EVE)
    _make_tenants(plan, console)
    with connection.cursor() as cursor:
        cursor.execute(effects.CREATE)
    sabotage.undermine(plan.sabotage)
    results = Valkey(plan.folder / "results.log")
    results.start()
    proxies = {"postgres": Proxy(_socket()), "broker": Proxy(urlsplit(os.environ["REDIS_URL"]).netloc)}
    stage = Stage(plan, sandbox, results, proxies, Crew(plan, _env(results, proxies)))
    stage.step_to(EVE)
    try:
        yield stage
    finally:
        stage.crew.stop()
        for proxy in proxies.values():
            proxy.close()
        results.stop()
        connection.close()
        with suppress(Error), connection.cursor() as cursor:  # Postgres may be what failed.
            cursor.execute(effects.DROP)


def _make_tenants(plan, console):
    nights.make_tenant(PRISTINE, enabled_at=NEVER)
    with transaction.atomic(), schema_context(PRISTINE):
        history.build()
    with console.status("Onboarding …") as status:
        for number, name in enumerate(plan.names, start=1):
            nights.make_tenant(name, like=PRISTINE, enabled_at=EVE)
            status.update(f"Onboarded {number} of {plan.tenants} tenants …")


def _socket():
    """Return the path of Postgres's socket."""
    address = urlsplit(os.environ["DATABASE_URL"])
    return f"{unquote(address.hostname)}/.s.PGSQL.{address.port}"


def _env(results, proxies):
    """Return the environment that leads the processes to their servers, by way of the proxies."""
    (postgres,), (broker,) = proxies["postgres"].ports, proxies["broker"].ports
    database = urlsplit(os.environ["DATABASE_URL"])
    plain = "sslmode=disable&gssencmode=disable"
    return {
        **os.environ,
        "DATABASE_URL": f"postgresql://{database.username}@127.0.0.1:{postgres}{database.path}?{plain}",
        "REDIS_URL": f"redis://127.0.0.1:{broker}{urlsplit(os.environ['REDIS_URL']).path}",
        "REDIS_RESULT_URL": results.url(RESULTS_DB),
    }
