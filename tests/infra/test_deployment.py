"""What stands before a deployment: the account, the stand-ins, the question; and how its plan reads."""

import io

import boto3
import pytest
from botocore.stub import Stubber
from rich.console import Console

from infra.deployment import __main__ as command
from infra.deployment import exceptions, guards, view
from infra.deployment.desk import Desk
from infra.engine import Result, Step
from infra.engine.model import Diagnostic, Ending, Violation
from infra.settings import load

DEV = load("dev")
URN = "urn:pulumi:dev::matins-data::matins:database:Database$aws:rds/instance:Instance::"


def sts(*, account=None, error=None):
    client = boto3.client("sts", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    stub = Stubber(client)
    if error:
        stub.add_client_error("get_caller_identity", error)
    else:
        stub.add_response(
            "get_caller_identity", {"Account": account, "Arn": "arn:aws:sts::444444444444:user/x", "UserId": "u"}
        )
    stub.activate()
    return client


def step(op, name, **more):
    return Step(op=op, urn=f"{URN}{name}", type="aws:rds/instance:Instance", **more)


def read(result):
    out = io.StringIO()
    Console(file=out, width=160).print(view.page("data", result))
    return out.getvalue()


def test_the_environments_own_account_is_let_through():
    guards.check_account(DEV, sts(account=DEV.account_id))


def test_another_account_is_refused_and_both_are_named():
    with pytest.raises(exceptions.AccountError, match=f"{DEV.account_id}.*444444444444.*account_id in .*dev.toml"):
        guards.check_account(DEV, sts(account="444444444444"))


def test_credentials_that_ran_out_are_refused_with_what_to_do():
    with pytest.raises(exceptions.CredentialsError, match=r"ExpiredToken.*aws sso login"):
        guards.check_account(DEV, sts(error="ExpiredToken"))


@pytest.mark.parametrize("variable", ["PULUMI_DEBUG_PROVIDERS", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ECS"])
def test_nothing_is_deployed_while_something_stands_in_for_aws(variable):
    with pytest.raises(exceptions.StandinError, match=f"^{variable} is set"):
        guards.refuse_standins({variable: "aws:1234", "PULUMI_BACKEND_URL": "s3://x"})


def test_ordinary_variables_are_let_through():
    guards.refuse_standins({"PULUMI_BACKEND_URL": "s3://x", "PULUMI_CONFIG_PASSPHRASE": "", "AWS_PROFILE": "dev"})


@pytest.mark.parametrize("verb", ["preview", "deploy", "destroy", "drift"])
def test_a_command_that_is_refused_says_why_in_a_sentence_and_exits_with_3(verb, monkeypatch, capsys):
    monkeypatch.setenv("PULUMI_DEBUG_PROVIDERS", "aws:1234")
    assert command.main([verb, "dev", "--yes"]) == 3
    told = capsys.readouterr()
    said = "PULUMI_DEBUG_PROVIDERS is set: a stand-in would answer for AWS, and the state would record what never was."
    assert (told.err, told.out) == (f"{said} Unset it.\n", "")


def test_an_environment_that_is_not_there_is_named_with_those_that_are(capsys):
    assert command.main(["preview", "nowhere"]) == 3
    assert "take one of dev, prod, staging." in capsys.readouterr().err


def test_a_stack_that_is_not_deployed_by_hand_only_cannot_be_named():
    with pytest.raises(SystemExit, match="2"):
        command.main(["deploy", "dev", "--stack", "bootstrap"])


def test_nobody_at_the_terminal_is_no_agreement(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    with pytest.raises(exceptions.NotConfirmedError, match="YES=1 agrees beforehand"):
        Desk(console=Console(file=io.StringIO())).confirm("Deploy this?")


@pytest.mark.parametrize(("typed", "agreed"), [("prod\n", True), ("yes\n", False), ("\n", False)])
def test_only_the_very_word_agrees(typed, agreed, monkeypatch):
    stdin = io.StringIO(typed)
    stdin.isatty = lambda: True
    monkeypatch.setattr("sys.stdin", stdin)
    desk = Desk(console=Console(file=io.StringIO()))
    if agreed:
        desk.confirm("Delete?", answer="prod")
    else:
        with pytest.raises(exceptions.NotConfirmedError, match="was not done"):
            desk.confirm("Delete?", answer="prod")


def test_what_is_lost_is_read_before_what_is_made():
    steps = (
        step("create", "new"),
        step("replace", "database", changed=("engine", "tags"), replacing=("engine",), protected=True),
        step("create-replacement", "database"),
        step("delete-replaced", "database"),
        step("update", "parameters", changed=("family",)),
        step("delete", "old"),
    )
    page = read(Result(ending=Ending.SUCCEEDED, counts={"same": 7}, steps=steps))
    lines = [" ".join(line.split()) for line in page.splitlines()]
    assert lines == [
        "data ± 1 replaced - 1 deleted ~ 1 changed + 1 made 7 as they are",
        "± database PROTECTED aws:rds/instance:Instance REPLACED because of engine",
        "- old aws:rds/instance:Instance",
        "~ parameters aws:rds/instance:Instance family",
        "+ 1 x Instance aws:rds/instance:Instance new",
    ]


def test_dozens_of_new_resources_are_one_line_per_type():
    steps = tuple(step("create", f"subnet-{number}") for number in range(9))
    page = read(Result(ending=Ending.SUCCEEDED, steps=steps))
    assert "9 x Instance" in page
    assert "subnet-0, subnet-1, subnet-2, subnet-3 and 5 more" in page


def test_policies_and_warnings_are_part_of_the_page():
    objections = (
        Violation(policy="encrypted", level="mandatory", text="Encrypt it.", urn=f"{URN}old"),
        Violation(policy="cheap", level="advisory", text="It costs much."),
    )
    said = (Diagnostic(severity="warning", text="[deprecated] is deprecated"),)
    page = read(Result(ending=Ending.SUCCEEDED, counts={"same": 1}, violations=objections, diagnostics=said))
    assert [" ".join(line.split()) for line in page.splitlines()[1:]] == [
        "mandatory policy encrypted (old): Encrypt it.",
        "advisory policy cheap: It costs much.",
        "! [deprecated] is deprecated",
    ]


def test_a_stack_to_which_nothing_happens_says_so():
    assert read(Result(ending=Ending.SUCCEEDED)).strip() == "data  nothing changes"
