"""The very app on the real engine: nothing before its migrations, and a service for a queue that the list gains."""

import shutil
from dataclasses import replace

import pytest

from infra.engine import Operation, Order, exceptions
from infra.engine.engine import TOOLS
from infra.projects import POLICY
from infra.rehearsal import workshop
from infra.standin import Account, serving

pytestmark = pytest.mark.skipif(
    not (shutil.which("pulumi") or (TOOLS / "pulumi").exists()), reason="needs the Pulumi CLI (make tools)"
)
SERVICE = "aws:ecs/service:Service"


@pytest.fixture
def place(tmp_path):
    account = Account()
    with serving(account) as standins:
        engine = workshop.build(tmp_path, "dev")
        yield replace(engine, variables={**engine.variables, **standins}), account


def run(engine, operation, program, stack="app", packs=(), **variables):
    order = Order(
        operation=operation,
        stack=stack,
        environment="dev",
        program=f"tests.infra.engine.programs:{program}",
        policy_packs=packs,
        may_create=True,
    )
    return replace(engine, variables={**engine.variables, **variables}).run(order)


def take(engine, digest):
    """Let the next deployment be of another image."""
    config = engine.projects / "app" / "Pulumi.dev.yaml"
    config.write_text(config.read_text().replace(workshop.IMAGE, f"example.invalid/matins/rehearsed@sha256:{digest}"))


def tasks(account):
    """Return by service what it runs."""
    return {name: service.inputs["taskDefinition"] for name, service in account.of(SERVICE).items()}


def test_no_service_comes_or_changes_before_its_migrations_and_a_new_queue_brings_all_that_it_needs(place):
    engine, account = place
    for stack in ("bootstrap", "network", "data", "platform"):
        engine.run(Order(operation=Operation.UP, stack=stack, environment="dev", may_create=True))
    with pytest.raises(exceptions.OperationFailedError, match="A schema does not migrate"):
        run(engine, Operation.UP, "platform_app", BREAK="1")
    assert account.of(SERVICE) == {}
    run(engine, Operation.UP, "platform_app")
    before = set(account.of(SERVICE))
    assert before >= {"web", "worker-money", "beat", "monitor"}
    running = tasks(account)
    take(engine, "1" * 64)
    with pytest.raises(exceptions.OperationFailedError, match="A schema does not migrate"):
        run(engine, Operation.UP, "platform_app", BREAK="1")
    assert tasks(account) == running
    run(engine, Operation.UP, "platform_app")
    assert all(tasks(account)[name] != task for name, task in running.items())
    account.history.clear()
    run(engine, Operation.UP, "platform_app", QUEUE="letters")
    assert set(account.of(SERVICE)) - before == {"worker-letters"}
    assert {what for what, _ in account.history} == {"create"}
    made = {name for _, name in account.history}
    assert all("letters" in name for name in made), made
    assert "worker-letters" in account.of("aws:appautoscaling/policy:Policy")
    assert "worker-letters-running" in account.of("aws:cloudwatch/metricAlarm:MetricAlarm")


@pytest.mark.parametrize(
    ("operation", "said"),
    # A preview goes on to the end; what is for real stops at the first objection, which is to the provider.
    [(Operation.PREVIEW, "Set enable_key_rotation=True"), (Operation.UP, "Set allowed_account_ids to the environment")],
)
def test_what_a_policy_forbids_is_refused_before_anything_is_made(place, operation, said):
    engine, account = place
    with pytest.raises(exceptions.PolicyViolatedError, match=said):
        run(engine, operation, "unrotated", stack="network", packs=(str(POLICY),))
    assert account.history == []
