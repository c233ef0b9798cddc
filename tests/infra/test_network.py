"""The network: only what the table of flows says is open, and only the load balancer to the world."""

import pytest

from infra.components.network import plan
from infra.render.flows import GROUPS, flows
from tests.infra.recording import ENVIRONMENTS, record

INGRESS = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "vpc/securityGroupEgressRule:SecurityGroupEgressRule"


def test_subnets_stay_where_they_are_when_a_zone_is_added():
    two, three = plan("10.30.0.0/16", 2), plan("10.30.0.0/16", 3)
    assert two.public == ["10.30.0.0/20", "10.30.16.0/20"]
    assert two.private == ["10.30.64.0/20", "10.30.80.0/20"]
    assert two.isolated == ["10.30.128.0/20", "10.30.144.0/20"]
    assert [three[:2] for three in three] == list(two)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_world_reaches_the_load_balancer_on_443_and_nothing_else(environment):
    rules = record("network", environment).of(INGRESS)
    open_to_all = [rule for rule in rules.values() if rule.get("cidrIpv4")]
    assert [(rule["securityGroupId"], rule["fromPort"], rule["toPort"]) for rule in open_to_all] == [
        ("load-balancer-id", 443, 443)
    ]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_only_workers_speak_to_the_world(environment):
    rules = record("network", environment).of(EGRESS)
    assert {(rule["securityGroupId"], rule["fromPort"]) for rule in rules.values() if rule.get("cidrIpv4")} == {
        ("worker-id", 443),
        ("worker-id", 587),
    }


def test_each_permitted_flow_has_a_rule_at_both_ends():
    recording = record("network", "prod")
    names = {f"{flow.source}-{flow.target}-{flow.port}" for flow in flows() if flow.source in GROUPS}
    assert set(recording.of(EGRESS)) == names
    assert {name for name in recording.of(INGRESS) if not name.startswith("internet-")} == {
        f"{flow.source}-{flow.target}-{flow.port}" for flow in flows() if {flow.source, flow.target} <= set(GROUPS)
    }
    assert recording.of(INGRESS)["worker-database-5432"]["referencedSecurityGroupId"] == "worker-id"


def test_isolated_subnets_have_no_way_out():
    routes = record("network", "prod").of("ec2/route:Route")
    assert {
        (route["routeTableId"], route.get("natGatewayId"), route.get("gatewayId")) for route in routes.values()
    } == {
        ("public-id", None, "network-id"),
        ("private-eu-west-1a-id", "eu-west-1a-id", None),
        ("private-eu-west-1b-id", "eu-west-1b-id", None),
        ("private-eu-west-1c-id", "eu-west-1c-id", None),
    }


def test_outside_production_the_zones_share_one_gateway():
    recording = record("network", "dev")
    assert list(recording.of("ec2/natGateway:NatGateway")) == ["eu-west-1a"]
    assert recording.of("ec2/route:Route")["private-eu-west-1b"]["natGatewayId"] == "eu-west-1a-id"


def test_no_subnet_gives_public_addresses():
    subnets = record("network", "prod").of("ec2/subnet:Subnet")
    assert len(subnets) == 9
    assert {subnet["mapPublicIpOnLaunch"] for subnet in subnets.values()} == {False}


def test_every_connection_is_logged():
    (log,) = record("network", "prod").of("ec2/flowLog:FlowLog").values()
    assert log["trafficType"] == "ALL"
