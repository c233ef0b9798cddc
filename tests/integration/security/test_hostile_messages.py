"""Whoever can write to the broker: whatever is pushed there, the worker lives, says what it refused, and works on."""

import base64
import json
import pickle
from uuid import uuid4

import pytest

from common.tasks import dispatch_to_all_tenants
from schedules.models import Run
from schedules.publishing import RUN_HEADER
from tests.integration.common.calling import elsewhere, written
from tests.night import broker_client, story
from tests.nightjobs import isolation
from tests.processes import wait_until

QUEUE = "control"
HUGE = 8_000_000


class Bomb:
    """Unpickled, it makes a file: whoever finds that file has executed a message."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def envelope(body=b'[["acme"], {}, {}]', *, content_type="application/json", task=isolation.act.name, **headers):
    """Return a message as kombu puts it into Valkey's list."""
    name = str(uuid4())
    described = {"lang": "py", "task": task, "id": name, "root_id": name, "argsrepr": "", "kwargsrepr": "", **headers}
    properties = {
        "correlation_id": name,
        "delivery_mode": 2,
        "delivery_info": {"exchange": QUEUE, "routing_key": QUEUE},
        "priority": 0,
        "body_encoding": "base64",
        "delivery_tag": str(uuid4()),
    }
    return json.dumps(
        {
            "body": base64.b64encode(body).decode(),
            "content-encoding": "utf-8",
            "content-type": content_type,
            "headers": described,
            "properties": properties,
        }
    )


def body(*args, **kwargs):
    return json.dumps([args, kwargs, {}]).encode()


def without(key):
    """Return a message that lacks a part."""
    message = json.loads(envelope())
    del message[key]
    return json.dumps(message)


def hostile(bomb, run):
    """Return what is pushed, by what the worker must say of it."""
    forged = {RUN_HEADER: run.pk}
    return {
        "Refusing to deserialize": [
            envelope(pickle.dumps([["acme"], {}, {}]), content_type="application/x-python-serialize"),
            envelope(pickle.dumps(Bomb(bomb)), content_type="application/x-python-serialize"),
            envelope(b"!!python/object/apply:os.system ['true']", content_type="application/x-yaml"),
        ],
        "Can't decode message body": [envelope(b"\xff\xfe"), envelope(b"[[[")],
        "Dropped a message": [envelope(b""), without("body")],
        "UnreadableMessageError": ["this is no message", "[]", "[" * 100_000, without("properties")],
        "Received unregistered task": [envelope(task="os.system"), envelope(task="x" * 10_000)],
        "UnknownTenantError": [
            *(envelope(body(name)) for name in ("ghost", "public", "ACME", "pg_catalog", '"acme"', "acme, beta")),
            *(envelope(body(name)) for name in ("аcme", "acme\x00", "acme'; DROP SCHEMA acme CASCADE; --")),  # noqa: RUF001
            envelope(body("a" * HUGE)),
        ],
        "MissingSchemaNameError": [envelope(body()), envelope(body(["acme"])), envelope(body({"schema": "acme"}))],
        "UnknownRunError": [
            *(envelope(body("acme"), **{RUN_HEADER: one}) for one in (0, -1, 10**30, "1", [1], {"id": 1}, True)),
            envelope(body("acme"), **{RUN_HEADER: "1; DROP TABLE public.schedules_run"}),
            envelope(body("beta"), **forged),  # Another tenant's run.
            envelope(body("acme"), task=isolation.picking.name, **forged),  # Another task's.
        ],
        "TypeError": [envelope(body("acme", nonsense=1)), envelope(body("acme", schema_name="beta"))],
        "ValueError": [envelope(body("acme", business_date="2024-07-01'; --"))],
        "BadDispatchError": [
            envelope(body("os.system"), task=dispatch_to_all_tenants.name),
            envelope(body(isolation.act.name, nonsense=1), task=dispatch_to_all_tenants.name),
        ],
    }


def push(*messages):
    with broker_client() as broker:
        broker.lpush(QUEUE, *messages)


@pytest.fixture
def bystander(nightly):
    """A run of acme that waits in the ledger, and whose message nobody has; no body has begun."""
    isolation.forget()
    dispatch_to_all_tenants(isolation.act.name)
    with broker_client() as broker:
        broker.flushdb()
    return Run.objects.get(tenant__schema_name="acme")


def test_a_worker_survives_whatever_is_pushed_names_it_and_works_on(nightly, bystander, start, tmp_path):
    worker = start("worker", "-I", isolation.__name__, concurrency=1)
    before = list(Run.objects.order_by("pk").values("pk", "state", "attempt", "failures"))
    bomb = tmp_path / "bomb"
    for named, messages in hostile(bomb, bystander).items():
        wanted = worker.log.read_text().count(named) + len(messages)
        push(*messages)
        wait_until(
            lambda named=named, wanted=wanted: worker.log.read_text().count(named) >= wanted,
            what=f"{len(messages)} times {named}",
            timeout_s=20,
            process=worker,
        )
    assert isolation.act.delay("beta").get(timeout=60)["schema"] == "beta"
    assert worker.is_alive
    assert not bomb.exists()
    assert isolation.began() == ["beta"]
    assert (written("acme"), written("beta")) == ([], ["nothing"])
    assert list(Run.objects.order_by("pk").values("pk", "state", "attempt", "failures")) == before, story()
    assert elsewhere("SELECT count(*) FROM pg_namespace WHERE nspname IN ('acme', 'beta')") == [(2,)]
    assert len(worker.log.read_bytes()) < HUGE / 4, "a message of 8 MB fills the log"
