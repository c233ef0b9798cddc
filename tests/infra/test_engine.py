"""One operation on the real engine, in a process of its own: what it tells, and how it says that it failed."""

import shutil
from dataclasses import replace

import psutil
import pytest

from infra.engine import Operation, Order, exceptions
from infra.engine.engine import TOOLS
from tests.infra.small import things, workshop

pytestmark = pytest.mark.skipif(
    not (shutil.which("pulumi") or (TOOLS / "pulumi").exists()), reason="needs the Pulumi CLI (make tools)"
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return workshop(tmp_path_factory.mktemp("engine"), "network")


def order(operation, program="program", **more):
    stack = {"stack": "network", "environment": "dev", "program": f"tests.infra.small:{program}"}
    return Order(operation=operation, **{"may_create": True, "time_limit_s": 120, **stack, **more})


def test_what_is_planned_is_made_and_told_while_it_is_made(engine, tmp_path):
    told, plan = [], str(tmp_path / "plan.json")
    planned = engine.run(order(Operation.PREVIEW, plan=plan))
    stashes = sorted((step.op, step.name) for step in planned.steps if step.type == "pulumi:index:Stash")
    assert stashes == [("create", "one"), ("create", "two")]
    assert things(engine, "network") == []
    made = engine.run(order(Operation.UP, plan=plan), told.append)
    assert (made.counts, made.changes, made.errors) == (planned.counts, planned.counts, [])
    assert {moment.step.name for moment in told if moment.is_done} >= {"one", "two"}
    assert things(engine, "network") == ["one", "two"]


def test_outputs_are_told_but_for_the_secret_ones(engine):
    assert engine.run(order(Operation.OUTPUTS)).outputs == {"plain": 7, "hidden": "[secret]"}


def test_a_mistake_in_a_program_is_told_with_its_place_and_without_a_traceback(engine):
    with pytest.raises(exceptions.OperationFailedError) as caught:
        engine.run(order(Operation.PREVIEW, "crashes"))
    assert caught.value.result.errors == ["KeyError: 'nothing' (tests/infra/small.py, line 37)"]


def test_what_a_program_refuses_arrives_as_its_sentence(engine):
    with pytest.raises(exceptions.OperationFailedError) as caught:
        engine.run(order(Operation.PREVIEW, "refuses"))
    assert caught.value.result.errors[0].startswith("There is no environment 'nowhere': write ")


def test_what_takes_too_long_is_stopped_with_all_its_processes(engine):
    told = []
    with pytest.raises(exceptions.TimeLimitError, match="stopped after 12 s, its time limit"):
        replace(engine, grace_s=1).run(order(Operation.PREVIEW, "hangs", time_limit_s=12), told.append)
    assert "It hangs." in [moment.text for moment in told]
    words = [one.info["cmdline"] or () for one in psutil.process_iter(["cmdline"])]  # None of one that ends just now.
    assert [command for command in words if str(engine.projects) in command] == []


def test_a_stack_that_was_never_made_is_named_with_the_command_that_makes_it(engine):
    with pytest.raises(exceptions.StackMissingError, match=r"`pulumi -C infra/stacks/network stack init prod"):
        engine.run(order(Operation.PREVIEW, environment="prod", may_create=False))


def test_a_stack_that_somebody_holds_is_named_with_the_command_that_frees_it(engine):
    locks = engine.projects / "state" / ".pulumi" / "locks" / "organization" / "matins-network" / "dev"
    locks.mkdir(parents=True, exist_ok=True)
    (locks / "0c9a.json").write_text(
        '{"pid": 1, "username": "ann", "hostname": "h", "timestamp": "2026-01-01T00:00:00Z"}'
    )
    try:
        with pytest.raises(exceptions.StackLockedError, match=r"`pulumi -C infra/stacks/network cancel --stack dev`"):
            engine.run(order(Operation.UP))
    finally:
        shutil.rmtree(locks)


def test_without_a_cli_it_says_where_to_get_one(engine, monkeypatch):
    variables = {**engine.variables, "PATH": "/nowhere"}
    with pytest.raises(exceptions.CliMissingError, match="`make tools`"):
        replace(engine, variables=variables).run(order(Operation.PREVIEW))
