"""A token of Grafana's lives for one command, and a Grafana that nobody could enter is not made."""

import json
import sys
from contextlib import contextmanager

import boto3
import pytest
from botocore.stub import ANY, Stubber

from infra import grafana_token, identity_center
from infra.grafana_token import GrafanaMissingError, minted
from infra.identity_center import IdentityCenterMissingError
from infra.settings import load

PROD = load("prod")
ACCOUNT = {"workspaceId": "g-1234567890", "serviceAccountId": "7"}
WORKSPACE = {
    "created": "2026-11-23",
    "modified": "2026-11-23",
    "endpoint": "g-1234567890.grafana-workspace.eu-west-1.amazonaws.com",
    "id": "g-1234567890",
    "name": "matins-prod-grafana",
    "status": "ACTIVE",
    "authentication": {"providers": ["AWS_SSO"]},
    "grafanaVersion": "12.4",
}


@contextmanager
def amazon(service, *answers):
    """Lend a client that expects these calls, in order and no others: (operation, answer, what it is asked)."""
    client = boto3.client(service, region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    with Stubber(client) as stub:
        for operation, answer, asked in answers:
            if isinstance(answer, str):
                stub.add_client_error(operation, answer)
            else:
                stub.add_response(operation, answer, asked)
        yield client
        stub.assert_no_pending_responses()


def workspaces(*found):
    return "list_workspaces", {"workspaces": list(found)}, {}


def accounts(*names):
    found = [{"grafanaRole": "ADMIN", "id": "7", "isDisabled": "false", "name": name} for name in names]
    answer = {"serviceAccounts": found, "workspaceId": "g-1234567890"}
    return "list_workspace_service_accounts", answer, {"workspaceId": "g-1234567890"}


MADE = (
    "create_workspace_service_account_token",
    {"serviceAccountToken": {"id": "9", "key": "glsa_x", "name": "run"}, **ACCOUNT},
    {**ACCOUNT, "name": ANY, "secondsToLive": 3600},
)
DELETED = ("delete_workspace_service_account_token", {"tokenId": "9", **ACCOUNT}, {**ACCOUNT, "tokenId": "9"})


def test_a_token_is_made_for_the_run_and_deleted_after_it():
    other = {**WORKSPACE, "id": "g-0000000000", "name": "somebody-elses"}
    answers = (workspaces(other, WORKSPACE), accounts("other", "pulumi"), MADE, DELETED)
    with amazon("grafana", *answers) as client, minted(PROD, client) as variables:
        assert variables["MATINS_GRAFANA_TOKEN"] == "glsa_x"
        assert json.loads(variables["GRAFANA_HTTP_HEADERS"]) == {"Authorization": "Bearer glsa_x"}


def test_a_run_that_fails_leaves_no_token_behind():
    answers = (workspaces(WORKSPACE), accounts("pulumi"), MADE, DELETED)
    with amazon("grafana", *answers) as client, pytest.raises(ZeroDivisionError), minted(PROD, client):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([workspaces()], "there is no workspace matins-prod-grafana"),
        ([workspaces(WORKSPACE), accounts("other")], "its service account pulumi is gone"),
        ([("list_workspaces", "AccessDeniedException", {})], "AccessDeniedException"),
    ],
    ids=["no workspace", "no account", "refused"],
)
def test_without_a_grafana_it_says_what_to_deploy_first(answers, reason):
    refusal = pytest.raises(GrafanaMissingError, match=reason)
    with amazon("grafana", *answers) as client, refusal as refused, minted(PROD, client):
        pass
    assert "`make deploy ENV=prod STACK=observability`" in str(refused.value)


def test_the_command_runs_with_the_token_and_its_exit_code_is_kept(monkeypatch, tmp_path):
    seen = tmp_path / "seen"
    look = f"import os, sys; open({str(seen)!r}, 'w').write(os.environ['MATINS_GRAFANA_TOKEN']); sys.exit(5)"
    with amazon("grafana", workspaces(WORKSPACE), accounts("pulumi"), MADE, DELETED) as client:
        monkeypatch.setattr(grafana_token.boto3, "client", lambda *_, **__: client)
        assert grafana_token.main(["prod", "--", sys.executable, "-c", look]) == 5
    assert seen.read_text() == "glsa_x"


def test_a_refusal_is_a_sentence_and_no_traceback(monkeypatch, capsys):
    with amazon("grafana", workspaces()) as client:
        monkeypatch.setattr(grafana_token.boto3, "client", lambda *_, **__: client)
        assert grafana_token.main(["prod", "true"]) == 3
    assert capsys.readouterr().err.startswith("No token for the Grafana of prod: there is no workspace")


INSTANCE = {"InstanceArn": "arn:aws:sso:::instance/ssoins-1234567890abcdef", "IdentityStoreId": "d-1234567890"}


def test_identity_center_is_looked_for_before_grafana_is_made():
    with amazon("sso-admin", ("list_instances", {"Instances": [INSTANCE]}, {})) as client:
        identity_center.find(client, "eu-west-1")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"Instances": []}, "it is not enabled in eu-west-1"),
        ("AccessDeniedException", "AWS does not say whether it is enabled"),
    ],
)
def test_where_it_is_missing_the_error_says_how_to_enable_it_and_what_to_do_without(answer, reason):
    refusal = pytest.raises(IdentityCenterMissingError, match=reason)
    with amazon("sso-admin", ("list_instances", answer, {})) as client, refusal as refused:
        identity_center.find(client, "eu-west-1")
    assert 'set grafana.sign_in to "saml"' in str(refused.value)
