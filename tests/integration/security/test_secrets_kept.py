"""Marked secrets are planted, a night fails at debug level, and nothing that says anything says one of them."""

from datetime import date
from urllib.parse import urlsplit

import pytest
from django_tenants.utils import schema_context

from board.models import Audit
from loans.identity import Identity, sealed
from loans.models import Borrower
from schedules.models import Run
from tests.integration.monitoring.test_serve_metrics import running
from tests.night import broker_client, story
from tests.nightjobs import orders
from tests.processes import wait_until
from tests.stage import FAST, at

#: Where each is planted; none of these words is anywhere else.
IN_ENVIRONMENT = {
    "SECRET_KEY": "marked-secret-key-of-fifty-letters-at-the-very-least",
    "EMAIL_HOST_PASSWORD": "marked-mail-password",
    "MATINS_IDENTITY_KEYS": "bWFya2Vk" + "QUJD" * 19 + "QQ==",
}
IN_URLS = {"app": "marked-app-password", "owner": "marked-owner-password", "broker": "marked-broker-password"}
WHO = Identity(surname="Markedsurname", first_name="Jane", ssn="987654399", birth_date=date(1980, 12, 31))
OF_BORROWERS = ("Markedsurname", "987654399", "987-65-4399")
SECRETS = (*IN_ENVIRONMENT.values(), *IN_URLS.values(), *OF_BORROWERS)


@pytest.fixture
def planted(process_env):
    """The environment of a process whose every secret is marked; the servers let these passwords in."""
    user = "marked"
    with broker_client() as broker:
        broker.acl_setuser(
            user, enabled=True, passwords=[f"+{IN_URLS['broker']}"], keys="*", channels="*", commands=["+@all"]
        )
    yield {
        **process_env,
        **IN_ENVIRONMENT,
        **{
            name: with_password(process_env[name], user, IN_URLS["broker"])
            for name in ("REDIS_URL", "REDIS_RESULT_URL")
        },
        "DATABASE_URL": with_password(process_env["DATABASE_URL"], None, IN_URLS["app"]),
        "DATABASE_OWNER_URL": with_password(process_env["DATABASE_OWNER_URL"], None, IN_URLS["owner"]),
        "LOG_LEVEL": "DEBUG",
    }
    with broker_client() as broker:
        broker.acl_deluser(user)


def with_password(url, user, password):
    """Return a server's address with a password in it."""
    parts = urlsplit(url)
    _, _, where = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user or parts.username}:{password}@{where}").geturl()


def fail_in_every_way():
    """Order a failure of each kind: of the body, of Postgres with a row in its message, of the process."""
    orders.give("acme", "first", "start", "raise it fell")
    orders.give("beta", "first", "start", "once kill")
    orders.give("beta", "second", "start", "sql -1")


def everything_kept():
    """Return what the ledger keeps of the night, as text."""
    rows = [*Run.objects.values_list("reason", "counts"), *Audit.objects.values_list("said", "why")]
    return "\n".join(map(str, rows))


def test_no_log_metric_or_row_of_a_failing_night_says_a_secret(nightly, planted, start):
    for schema_name in ("acme", "beta"):
        with schema_context(schema_name):
            Borrower.objects.create(reference="B1", state="CA", sealed_identity=sealed(WHO))
    fail_in_every_way()
    at(4)
    env = {**planted, **FAST}
    processes = [start("worker", "-l", "debug", env=env), start("beat", "-l", "debug", env=env)]
    with running(env) as exporter:
        wait_until(lambda: Run.objects.filter(state="failed").count() >= 1, what="a run to fail", process=processes[0])
        said = {"metrics": exporter.get("/metrics")[1], "exporter": exporter.log.read_text()}
    said |= {process.command[3]: process.log.read_text() for process in processes}
    said |= {"ledger": everything_kept()}
    assert "it fell" in said["worker"], story()
    assert "it fell" in said["ledger"]
    assert "DEBUG" in said["worker"]
    assert "//marked:**@" in said["worker"]
    assert len(said["metrics"]) > 1000
    assert [(where, secret) for where, text in said.items() for secret in SECRETS if secret in text] == []


def test_who_somebody_is_is_not_in_what_an_error_says(nightly):
    with schema_context("acme"):
        borrower = Borrower.objects.create(reference="B1", state="CA", sealed_identity=sealed(WHO))
        said = [repr(WHO), str(borrower), repr(borrower), repr(borrower.__dict__)]
        try:
            Borrower.objects.create(reference="B1", state="CA", sealed_identity=sealed(WHO))
        except Exception as error:
            said.append(str(error))
    assert len(said) == 5
    assert [one for one in said for secret in OF_BORROWERS if secret in one] == []
