"""Grafana's content: the dashboards of ops/dashboards, and a token that is in no state."""

import json

import pytest

from infra.grafana_token import TokenMissingError, require
from infra.render import rules
from infra.settings import load
from ops.dashboards.rendering import files
from ops.dashboards.site import Site
from tests.infra.recording import ENVIRONMENTS, MARK, TOKENS, record

DATA_SOURCE = "grafana-amazonprometheus-datasource"

each_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)


def made(kind, environment="prod"):
    return {one.name: one for one in record("dashboards", environment).resources if one.type == f"grafana:oss/{kind}"}


@each_environment
def test_the_dashboards_are_those_of_every_other_grafana_with_this_environments_links(environment):
    site = Site(
        thresholds=rules.thresholds(load(environment)), data_source_type=DATA_SOURCE, data_source="matins-metrics"
    )
    deployed = {name: one.inputs["configJson"] for name, one in made("dashboard:Dashboard", environment).items()}
    assert {f"{name}.json": text for name, text in deployed.items()} == files(site)
    assert files(site).keys() == files(Site()).keys()
    assert f"https://{load(environment).site.domain}/night/" in deployed["matins-overview"]
    assert "example.com/ops" not in deployed["matins-overview"]


@each_environment
def test_they_ask_the_workspace_and_sign_what_they_ask(environment):
    (source,) = (one.inputs for one in made("dataSource:DataSource", environment).values())
    assert (source["type"], source["uid"], source["url"]) == (
        DATA_SOURCE,
        "matins-metrics",
        "metrics-prometheusEndpoint",
    )
    signed = json.loads(source["jsonDataEncoded"])
    assert (signed["sigV4Auth"], signed["sigV4AuthType"]) == (True, "workspace-iam-role")
    assert signed["sigV4Region"] == load(environment).region
    chosen = json.loads(made("dashboard:Dashboard", environment)["matins-overview"].inputs["configJson"])
    (variable,) = [one for one in chosen["templating"]["list"] if one["name"] == "datasource"]
    assert (variable["query"], variable["current"]["value"]) == (DATA_SOURCE, "matins-metrics")


@each_environment
def test_only_the_provider_with_the_workspaces_address_makes_them(environment):
    resources = record("dashboards", environment).resources
    (provider,) = [one for one in resources if one.type == "pulumi:providers:grafana"]
    assert provider.inputs["url"] == "https://grafana-endpoint"
    ours = [one for one in resources if one.type.startswith("grafana:")]
    assert len(ours) == 6
    assert all("::grafana::" in one.request.provider for one in ours)


@each_environment
@pytest.mark.parametrize("preview", [True, False], ids=["preview", "update"])
def test_the_token_is_in_no_input_not_even_a_secret_one(environment, preview):
    """A provider keeps its inputs in the state; `auth` says that it has none, and a header brings it."""
    resources = record("dashboards", environment, preview=preview).resources
    assert MARK in TOKENS["GRAFANA_HTTP_HEADERS"]
    assert [one.label for one in resources if MARK in str(one.inputs)] == []
    (provider,) = [one for one in resources if one.type == "pulumi:providers:grafana"]
    assert provider.inputs["auth"] == "anonymous"


def test_a_run_without_a_token_is_refused_with_what_to_put_before_it():
    with pytest.raises(TokenMissingError, match=r"put `python -m infra.grafana_token ENVIRONMENT --` before it"):
        require({})
    require(TOKENS)
