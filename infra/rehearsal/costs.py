"""What the resources of an environment cost a month, as far as a plan can tell; what it cannot is named, never 0."""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from infra.standin import Held

PRICES = Path(__file__).with_name("prices.toml")
Prices = Mapping[str, Any]
ARM = "ARM64"


class NoPriceError(LookupError):
    """The file of prices has none for this."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What is known about a month's bill.

    Args:
        monthly: dollars by what costs them.
        counts: how many of each of those there are.
        by_usage: what is billed by its use, and which use.
        unpriced: what has no price here.
        prices: that it was made with.
    """

    monthly: Mapping[str, float]
    counts: Mapping[str, int]
    by_usage: Mapping[str, str]
    unpriced: Collection[str]
    prices: Prices

    @property
    def total(self) -> float:
        """Dollars a month of what has a price."""
        return sum(self.monthly.values())


@cache
def prices() -> Prices:
    """Return the file of prices."""
    return tomllib.loads(PRICES.read_text())


def estimate(held: Iterable[Held]) -> Estimate:
    """Sum up what exists.

    Args:
        held: resources of an account.
    """
    there, known = list(held), prices()
    tasks = {one.made["arn"]: one.inputs for one in there if one.type == "aws:ecs/taskDefinition:TaskDefinition"}
    monthly, counts = defaultdict[str, float](float), Counter[str]()
    by_usage, unpriced = dict[str, str](), set[str]()
    for one in there:
        label = _label(one)
        if one.type in known["usage"]:
            by_usage[label] = known["usage"][one.type]
        elif one.type not in known["free"]["types"]:
            try:
                monthly[label] += _monthly(one, known, tasks)
                counts[label] += 1
            except NoPriceError:
                unpriced.add(label)
    return Estimate(monthly=monthly, counts=counts, by_usage=by_usage, unpriced=sorted(unpriced), prices=known)


def table(found: Estimate) -> Group:
    """Return it as people read it: the dearest first."""
    known = found.prices
    rows = Table("a month", "count", known["currency"], box=None, title_justify="left")
    rows.columns[1].justify = rows.columns[2].justify = "right"
    for label, dollars in sorted(found.monthly.items(), key=lambda item: -item[1]):
        rows.add_row(label, str(found.counts[label]), f"{dollars:,.2f}")
    rows.add_row(Text("of what has a price", "bold"), "", Text(f"{found.total:,.2f}", "bold"))
    source = f"List prices of {known['region']}, {known['date']}; transfer and requests come on top."
    usage = [f"  {label}: {use}" for label, use in sorted(found.by_usage.items())]
    missing = [f"  {label}" for label in found.unpriced] or ["  nothing"]
    lines = [source, "Billed by use, in no sum:", *usage, "Without a price, in no sum:", *missing]
    return Group(Text("\nCost", "bold"), rows, Text("\n".join(lines) + "\n"))


def _label(one: Held) -> str:
    """Return what a line of the bill is about; sizes are told apart."""
    kind = one.type.rpartition(":")[2]
    size = one.inputs.get("instanceClass") or one.inputs.get("nodeType") or ""
    service = one.type.split(":")[1].partition("/")[0]
    return f"{service} {kind} {one.name if kind == 'Service' else size}".strip()


def _monthly(one: Held, known: Prices, tasks: Mapping[str, Mapping[str, Any]]) -> float:
    """Return the dollars a month of one resource.

    Raises:
        NoPriceError: there is no price for it.
    """
    if one.type == "aws:ecs/service:Service":
        return _fargate(one, known, tasks)
    if one.type not in LINES:
        raise NoPriceError(one.type)
    try:
        return LINES[one.type](one.inputs, known)
    except KeyError as error:
        raise NoPriceError(one.type) from error


def _fargate(one: Held, known: Prices, tasks: Mapping[str, Mapping[str, Any]]) -> float:
    """Return what a service's least number of tasks cost; scaling out comes on top."""
    task = tasks[one.inputs["taskDefinition"]]
    arm = "_arm" if task.get("runtimePlatform", {}).get("cpuArchitecture") == ARM else ""
    hourly = known["hourly"]
    cpu, memory = float(task["cpu"]) / 1024, float(task["memory"]) / 1024
    each = cpu * hourly[f"fargate_vcpu{arm}"] + memory * hourly[f"fargate_gib{arm}"]
    return float(each * one.inputs["desiredCount"] * known["hours"])


def _hourly(name: str) -> Callable[[Mapping[str, Any], Prices], float]:
    return lambda _, known: float(known["hourly"][name] * known["hours"])


def _each(name: str) -> Callable[[Mapping[str, Any], Prices], float]:
    return lambda _, known: float(known["monthly"][name])


def _endpoint(inputs: Mapping[str, Any], known: Prices) -> float:
    """Return what an endpoint costs: a gateway nothing, an interface one per zone."""
    zones = len(inputs.get("subnetIds", ())) if inputs.get("vpcEndpointType") == "Interface" else 0
    return float(zones * known["hourly"]["endpoint"] * known["hours"])


def _database(inputs: Mapping[str, Any], known: Prices) -> float:
    copies = 2 if inputs.get("multiAz") else 1
    hours = known["hourly"]["database"][inputs["instanceClass"]] * known["hours"]
    return float(copies * (hours + inputs["allocatedStorage"] * known["monthly"]["database_gib"]))


def _broker(inputs: Mapping[str, Any], known: Prices) -> float:
    return float(inputs["numCacheClusters"] * known["hourly"]["broker"][inputs["nodeType"]] * known["hours"])


LINES: Mapping[str, Callable[[Mapping[str, Any], Prices], float]] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": _each("alarm"),
    "aws:ec2/eip:Eip": _hourly("address"),
    "aws:ec2/natGateway:NatGateway": _hourly("nat_gateway"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:elasticache/replicationGroup:ReplicationGroup": _broker,
    "aws:kms/key:Key": _each("key"),
    "aws:lb/loadBalancer:LoadBalancer": _hourly("load_balancer"),
    "aws:rds/instance:Instance": _database,
    "aws:secretsmanager/secret:Secret": _each("secret"),
}
