"""One way in, over TLS, and rules of the network that have one owner."""

from typing import Any

from infra.policy.rule import Faults, Found, Members, Resource, of, rule, stack_rule

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
GROUPS = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
MIXED = "aws:ec2/securityGroupRule:SecurityGroupRule"
LISTENER, BALANCER = "aws:lb/listener:Listener", "aws:lb/loadBalancer:LoadBalancer"
VPC, FLOW_LOG = "aws:ec2/vpc:Vpc", "aws:ec2/flowLog:FlowLog"
WORLD = ("0.0.0.0/0", "::/0")
HTTPS = 443
#: The names of AWS' policies with TLS 1.2 or newer.
MODERN = ("ELBSecurityPolicy-TLS13-1-2", "ELBSecurityPolicy-TLS13-1-3", "ELBSecurityPolicy-TLS-1-2")


def _is_open(it: Resource) -> bool:
    return it.known("cidrIpv4") in WORLD or it.known("cidrIpv6") in WORLD


@rule(INGRESS)
def the_world_reaches_443_only(it: Resource) -> Faults:
    """Nothing but HTTPS is open to the internet."""
    if _is_open(it) and (it.get("fromPort"), it.get("toPort")) != (HTTPS, HTTPS):
        yield "Let another security group in, or open port 443 only."


@stack_rule()
def the_world_reaches_the_load_balancer_only(members: Members) -> Found:
    """The one thing that answers the internet is the load balancer."""
    for ingress in of(members, (INGRESS,)):
        if _is_open(ingress) and [one.name for one in ingress.made_from("securityGroupId")] != ["load-balancer"]:
            yield ingress, "Let the load balancer's group in; infra/render/flows.py has every flow."


@rule(*GROUPS, MIXED)
def a_security_group_has_one_list_of_rules(it: Resource) -> Faults:
    """Rules are resources of their own; two ways to state them undo each other on every `up`."""
    if it.type == MIXED or it.get("ingress") or it.get("egress"):
        yield "Take SecurityGroupIngressRule and SecurityGroupEgressRule, and nothing inside the group."


@rule("aws:ec2/subnet:Subnet")
def a_subnet_gives_no_public_addresses(it: Resource) -> Faults:
    """What is started in a subnet is not reachable from the internet by default."""
    if it.get("mapPublicIpOnLaunch"):
        yield "Set map_public_ip_on_launch=False."


@stack_rule()
def a_network_is_logged(members: Members) -> Found:
    """Who talked to whom can be looked up afterwards."""
    logged = {source.urn for log in of(members, (FLOW_LOG,)) for source in log.made_from("vpcId")}
    for vpc in of(members, (VPC,)):
        if vpc.urn not in logged:
            yield vpc, "Give it a FlowLog."


@rule(LISTENER)
def listeners_speak_tls(it: Resource) -> Faults:
    """The site speaks TLS 1.2 or newer; plain HTTP is sent there at most."""
    if it.get("protocol") not in ("HTTPS", "TLS"):
        if not all(_leads_to_https(action) for action in it.get("defaultActions", [])):
            yield "Let plain HTTP do nothing but redirect to HTTPS, or remove the listener."
    elif not str(it.get("sslPolicy")).startswith(MODERN):
        yield f"Set ssl_policy to one that begins with {MODERN[0]}."


def _leads_to_https(action: Any) -> bool:
    return (action.get("type"), action.get("redirect", {}).get("protocol")) == ("redirect", "HTTPS")


@rule(BALANCER)
def the_load_balancer_is_guarded(it: Resource) -> Faults:
    """The load balancer logs who came, drops headers that hide a second request, and stays in production."""
    if it.get("accessLogs", {}).get("enabled") is not True:
        yield 'Set access_logs={"bucket": …, "enabled": True}.'
    if it.get("dropInvalidHeaderFields") is not True:
        yield "Set drop_invalid_header_fields=True."
    if it.production and it.get("enableDeletionProtection") is not True:
        yield "Set enable_deletion_protection=True."
