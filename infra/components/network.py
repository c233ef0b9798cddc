"""The VPC: three kinds of subnets in every zone, and how far each of them can reach."""

from collections.abc import Sequence
from ipaddress import IPv4Network
from itertools import islice
from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.settings import Environment

ANYWHERE = "0.0.0.0/0"
#: Bits more than the VPC's prefix: sixteen subnets, of which three kinds in at most three zones take nine.
SUBNET_BITS = 4


class Plan(NamedTuple):
    """The addresses of each kind of subnet, one block per zone."""

    public: list[str]
    private: list[str]
    isolated: list[str]


def plan(cidr: str, zones: int) -> Plan:
    """Cut the VPC's addresses up; a kind's blocks stay where they are when a zone is added.

    Args:
        cidr: of the VPC.
        zones: how many blocks each kind needs, three at most.
    """
    blocks = [str(block) for block in IPv4Network(cidr).subnets(prefixlen_diff=SUBNET_BITS)]
    return Plan(*(list(islice(blocks, start, start + zones)) for start in (0, 4, 8)))


class Network(Component):
    """Public subnets for the load balancer, private ones with a way out, isolated ones without any.

    Args:
        name: logical.
        environment: says where and how many.
    """

    def __init__(self, name: str, *, environment: Environment, opts: pulumi.ResourceOptions) -> None:
        super().__init__(name, opts)
        self._environment, self._zones = environment, environment.network.zones
        self.vpc = aws.ec2.Vpc(
            name,
            cidr_block=str(environment.network.cidr),
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self._tags("vpc"),
            opts=self.child(keep=environment.production),
        )
        # Nothing uses the group that AWS makes with every VPC; without rules nothing can by accident.
        aws.ec2.DefaultSecurityGroup(name, vpc_id=self.vpc.id, opts=self.child())
        blocks = plan(str(environment.network.cidr), len(self._zones))
        self.public = self._subnets("public", blocks.public)
        self.private = self._subnets("private", blocks.private)
        self.isolated = self._subnets("isolated", blocks.isolated)
        self.private_tables = self._route()
        self.register_outputs({"vpc_id": self.vpc.id})

    def _subnets(self, kind: str, blocks: Sequence[str]) -> list[aws.ec2.Subnet]:
        return [
            aws.ec2.Subnet(
                f"{kind}-{zone}",
                vpc_id=self.vpc.id,
                cidr_block=block,
                availability_zone=zone,
                map_public_ip_on_launch=False,
                tags=self._tags(f"{kind}-{zone}"),
                opts=self.child(),
            )
            for zone, block in zip(self._zones, blocks, strict=True)
        ]

    def _route(self) -> list[aws.ec2.RouteTable]:
        """Give public subnets the internet, private ones a gateway to it, isolated ones nothing."""
        internet = aws.ec2.InternetGateway(
            self.name, vpc_id=self.vpc.id, tags=self._tags("internet"), opts=self.child()
        )
        public = self._table("public", self.public)
        self._way_out("public", public, gateway_id=internet.id)
        self._table("isolated", self.isolated)
        gateways = self._gateways(internet)
        tables = []
        for number, (zone, subnet) in enumerate(zip(self._zones, self.private, strict=True)):
            table = self._table(f"private-{zone}", [subnet])
            self._way_out(f"private-{zone}", table, nat_gateway_id=gateways[number % len(gateways)].id)
            tables.append(table)
        return tables

    def _gateways(self, internet: aws.ec2.InternetGateway) -> list[aws.ec2.NatGateway]:
        count = 1 if self._environment.network.nat == "one" else len(self._zones)
        return [
            aws.ec2.NatGateway(
                zone,
                subnet_id=subnet.id,
                allocation_id=aws.ec2.Eip(zone, domain="vpc", tags=self._tags(f"nat-{zone}"), opts=self.child()).id,
                tags=self._tags(f"nat-{zone}"),
                opts=self.child(depends_on=[internet]),
            )
            for zone, subnet in list(zip(self._zones, self.public, strict=True))[:count]
        ]

    def _table(self, name: str, subnets: Sequence[aws.ec2.Subnet]) -> aws.ec2.RouteTable:
        table = aws.ec2.RouteTable(name, vpc_id=self.vpc.id, tags=self._tags(name), opts=self.child())
        for number, subnet in enumerate(subnets):
            aws.ec2.RouteTableAssociation(
                f"{name}-{number}", route_table_id=table.id, subnet_id=subnet.id, opts=self.child()
            )
        return table

    def _way_out(
        self,
        name: str,
        table: aws.ec2.RouteTable,
        *,
        gateway_id: pulumi.Input[str] | None = None,
        nat_gateway_id: pulumi.Input[str] | None = None,
    ) -> None:
        aws.ec2.Route(
            name,
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway_id,
            nat_gateway_id=nat_gateway_id,
            opts=self.child(),
        )

    def _tags(self, thing: str) -> dict[str, str]:
        return {"Name": self._environment.named(thing)}
