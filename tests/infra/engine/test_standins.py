"""The real engine against the stand-ins: what it makes, changes, replaces, finds gone and takes up again."""

import shutil
from dataclasses import replace

import pytest

from infra.engine import Operation, Order, exceptions
from infra.engine.engine import TOOLS
from infra.standin import Account, serving
from tests.infra.small import workshop

pytestmark = pytest.mark.skipif(
    not (shutil.which("pulumi") or (TOOLS / "pulumi").exists()), reason="needs the Pulumi CLI (make tools)"
)

GROUP = "aws:ec2/securityGroup:SecurityGroup"


class Site:
    """One stack, and the account that it is deployed to."""

    def __init__(self, engine, account):
        self.engine, self.account = engine, account

    def run(self, operation, program="program", **variables):
        order = Order(
            operation=operation,
            stack="network",
            environment="dev",
            program=f"tests.infra.engine.programs:{program}",
            may_create=True,
            time_limit_s=300,
        )
        return replace(self.engine, variables={**self.engine.variables, **variables}).run(order)

    @property
    def state(self):
        return (self.engine.projects / "state/.pulumi/stacks/matins-network/dev.json").read_text()


@pytest.fixture
def site(tmp_path):
    account = Account()
    with serving(account) as standins:
        engine = workshop(tmp_path, "network")
        yield Site(replace(engine, variables={**engine.variables, **standins}), account)


def ops(result):
    return [(step.op, step.name) for step in result.steps if step.type.startswith("aws:")]


def test_a_failed_deployment_is_taken_up_where_it_stopped_and_a_change_replaces_before_it_deletes(site):
    site.account.refusals["sign"] = "Rate exceeded"
    with pytest.raises(exceptions.OperationFailedError, match="Rate exceeded"):
        site.run(Operation.UP)
    assert sorted(site.account.history) == [("create", "door"), ("create", "word")]
    site.account.refusals.clear()
    assert ops(site.run(Operation.UP)) == [("create", "sign")]
    assert "hush-word" not in site.state
    again = site.run(Operation.UP)
    assert (again.changes, again.steps) == ({}, ())
    site.account.history.clear()
    replaced = site.run(Operation.UP, DESCRIPTION="second")
    assert ("replace", "door") in ops(replaced)
    assert site.account.history == [("create", "door"), ("update", "sign"), ("delete", "door")]


def test_what_others_changed_or_deleted_is_found_and_mended(site):
    site.run(Operation.UP)
    site.account.of(GROUP)["door"].inputs["tags"] = {"a": "theirs"}
    site.account.held = {id_: held for id_, held in site.account.held.items() if held.name != "sign"}
    site.run(Operation.REFRESH)
    mended = site.run(Operation.UP)
    assert ops(mended) == [("update", "door"), ("create", "sign")]
    assert site.account.of(GROUP)["door"].inputs["tags"] == {"a": "b"}
    assert site.run(Operation.DESTROY).counts["delete"] == 5
    assert site.account.held == {}


def test_an_input_of_the_wrong_type_is_refused_before_anything_is_made(site):
    with pytest.raises(exceptions.OperationFailedError, match="description is a number, not a text"):
        site.run(Operation.PREVIEW, "wrong")
    assert site.account.history == []


def test_a_failing_migration_stops_what_waits_for_it_and_the_next_deployment_goes_on(site):
    with pytest.raises(exceptions.OperationFailedError, match="A schema does not migrate"):
        site.run(Operation.UP, "release", BREAK="1")
    assert site.account.history == []
    site.run(Operation.UP, "release")
    assert site.account.history == [("create", "release"), ("create", "service")]
