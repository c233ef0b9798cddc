"""What the table of a rehearsal counts, what it only names, and what it never takes for free."""

import io

import pytest
from rich.console import Console

from infra.rehearsal import costs
from infra.standin import Held

HOURS = 730


def held(kind, name="one", **inputs):
    made = {"arn": f"arn:{name}"}
    return Held(id=f"{kind}-{name}", type=f"aws:{kind}", urn=f"urn::{name}", inputs=inputs, made=made)


def task(**inputs):
    return held("ecs/taskDefinition:TaskDefinition", "task", cpu="1024", memory="2048", **inputs)


def service(name="web", count=3):
    return held("ecs/service:Service", name, taskDefinition="arn:task", desiredCount=count)


def test_a_service_costs_its_tasks_by_their_size():
    found = costs.estimate([task(), service()])
    assert found.monthly == {"ecs Service web": pytest.approx(3 * HOURS * (0.04048 + 2 * 0.004445))}
    on_arm = costs.estimate([task(runtimePlatform={"cpuArchitecture": "ARM64"}), service()])
    assert on_arm.total == pytest.approx(3 * HOURS * (0.03238 + 2 * 0.00356))


def test_a_standby_and_its_storage_are_paid_as_well():
    database = {"instanceClass": "db.r7g.xlarge", "allocatedStorage": 200}
    alone = costs.estimate([held("rds/instance:Instance", **database, multiAz=False)])
    both = costs.estimate([held("rds/instance:Instance", **database, multiAz=True)])
    assert alone.total == pytest.approx(0.478 * HOURS + 200 * 0.115)
    assert both.total == pytest.approx(2 * alone.total)


def test_an_interface_endpoint_is_paid_per_zone_and_a_gateway_not():
    interface = held("ec2/vpcEndpoint:VpcEndpoint", vpcEndpointType="Interface", subnetIds=["a", "b", "c"])
    gateway = held("ec2/vpcEndpoint:VpcEndpoint", "s3", vpcEndpointType="Gateway")
    assert costs.estimate([interface, gateway]).total == pytest.approx(3 * 0.01 * HOURS)


def test_what_has_no_price_or_is_billed_by_use_is_named_and_in_no_sum():
    unknown = [
        held("rds/instance:Instance", instanceClass="db.huge", allocatedStorage=1),
        held("mq/broker:Broker"),
        held("sns/topic:Topic"),
    ]
    found = costs.estimate([*unknown, held("kms/key:Key")])
    assert found.total == 1.0
    assert found.unpriced == ["mq Broker", "rds Instance db.huge"]
    assert found.by_usage == {"sns Topic": "messages"}


def test_the_table_says_of_when_and_where_its_prices_are():
    console = Console(width=120, file=io.StringIO())
    console.print(costs.table(costs.estimate([held("kms/key:Key"), held("mq/broker:Broker")])))
    lines = [line.rstrip() for line in console.file.getvalue().splitlines()]
    assert "List prices of us-east-1, 2025-06; transfer and requests come on top." in lines
    assert lines[lines.index("Without a price, in no sum:") + 1] == "  mq Broker"
