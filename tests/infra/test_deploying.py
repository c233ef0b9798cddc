"""Two stacks on the real engine: deployed by exactly what was shown, deleted only when all of it may go."""

import io
import shutil
from dataclasses import replace

import pytest
from rich.console import Console

from infra.deployment import exceptions
from infra.deployment.deployment import Deployment
from infra.deployment.desk import Desk
from infra.engine import Operation, OperationError, Order
from infra.engine.engine import TOOLS
from infra.standin.account import Account
from infra.standin.server import serving
from tests.infra.small import things, workshop

pytestmark = pytest.mark.skipif(
    not (shutil.which("pulumi") or (TOOLS / "pulumi").exists()), reason="needs the Pulumi CLI (make tools)"
)
STACKS = ("network", "data")
PROGRAMS = {"network": "tests.infra.small:loose", "data": "tests.infra.small:program"}


class Desks(Desk):
    """Remembers what it was asked, and does something before it agrees."""

    def confirm(self, question, answer="yes"):
        ASKED.append(question)
        MEANWHILE.pop()() if MEANWHILE else None
        super().confirm(question, answer)


ASKED, MEANWHILE = [], []


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = workshop(tmp_path_factory.mktemp("deploying"), *STACKS)
    for stack in STACKS:
        engine.run(Order(operation=Operation.OUTPUTS, stack=stack, environment="dev", may_create=True))
    return engine


@pytest.fixture
def deployment(engine):
    """Return a function that gives a deployment, and what it writes."""
    ASKED.clear()
    MEANWHILE.clear()

    def make(*, yes=True, stacks=STACKS, **variables):
        engine.variables.update(variables)
        page = io.StringIO()
        desk = Desks(console=Console(file=page, width=140), yes=yes)
        made = Deployment(
            environment="dev", engine=engine, desk=desk, stacks=stacks, policy_packs=(), programs=PROGRAMS
        )
        return made, page

    return make


def lines(page):
    return [" ".join(line.split()) for line in page.getvalue().splitlines()]


def test_stacks_are_deployed_one_after_the_other_each_after_a_question(deployment, engine):
    made, page = deployment(THINGS="one two", PROTECTED="two")
    made.deploy()
    assert ASKED == ["Deploy this to network in dev?", "Deploy this to data in dev?"]
    assert [things(engine, stack) for stack in STACKS] == [["one", "two"], ["one", "two"]]
    assert "hush" not in page.getvalue()


def test_what_was_not_agreed_to_is_not_done(deployment, engine, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    made, page = deployment(yes=False, stacks=("network",), THINGS="one two three")
    with pytest.raises(exceptions.NotConfirmedError):
        made.deploy()
    assert "+ 1 made" in page.getvalue()
    assert things(engine, "network") == ["one", "two"]


def test_what_changed_since_it_was_shown_is_refused(deployment, engine):
    made, _ = deployment(stacks=("network",), THINGS="one two three")
    MEANWHILE.append(lambda: engine.variables.update(THINGS="one two three four"))
    with pytest.raises(OperationError, match="four"):
        made.deploy()
    assert "four" not in things(engine, "network")


def test_nothing_is_deleted_while_anything_is_protected_in_any_stack(deployment, engine):
    made, _ = deployment()
    before = [things(engine, stack) for stack in STACKS]
    with pytest.raises(exceptions.ProtectedError, match=r":\n  data: two .*Stash\)\nNothing was deleted"):
        made.destroy()
    assert ASKED == []
    assert [things(engine, stack) for stack in STACKS] == before


def test_what_is_no_longer_protected_is_deleted_from_the_last_stack_to_the_first(deployment, engine):
    deployment(THINGS="one two", PROTECTED="", stacks=("data",))[0].deploy()
    made, page = deployment()
    made.destroy()
    assert ASKED == ["Delete all of this in dev, for good?"]
    assert page.getvalue().rindex("destroy data") < page.getvalue().rindex("destroy network")
    assert [things(engine, stack) for stack in STACKS] == [[], []]


def test_what_others_changed_in_aws_is_shown_and_left_as_it_is(tmp_path):
    page, account = io.StringIO(), Account()
    with serving(account) as variables:
        engine = workshop(tmp_path, "network")
        engine.variables.update(variables)
        programs = {"network": "tests.infra.small:topic"}
        order = Order(operation=Operation.UP, stack="network", environment="dev", program=programs["network"])
        engine.run(replace(order, may_create=True))
        desk = Desk(console=Console(file=page, width=140))
        made = Deployment(environment="dev", engine=engine, desk=desk, stacks=("network",), programs=programs)
        assert made.drift() is False
        (topic,) = [held for held in account.held.values() if held.name == "alarms"]
        topic.inputs["displayName"] = "by hand"
        assert made.drift() is True
        assert "~ alarms aws:sns/topic:Topic displayName" in lines(page)
        account.held.clear()
        assert made.drift() is True
        assert "- alarms aws:sns/topic:Topic" in lines(page)
        assert account.history == [("create", "alarms")]
