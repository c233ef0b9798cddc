"""Doors that must not be open."""

from tests.infra.breaks.change import a, broken, gone, to

INGRESS = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ENTRY, INNER = ("network", INGRESS, "internet-load-balancer-443"), ("network", INGRESS, "worker-database-5432")
GROUP, SUBNET = (
    ("network", "ec2/securityGroup:SecurityGroup", "web"),
    ("network", "ec2/subnet:Subnet", "public-eu-west-1a"),
)
FLOW_LOG = ("network", "ec2/flowLog:FlowLog", "flow-log")
LISTENER, BALANCER = (
    ("platform", "lb/listener:Listener", "entrance"),
    ("platform", "lb/loadBalancer:LoadBalancer", "entrance"),
)


def plain(**action):
    return to(protocol="HTTP", port=80.0, defaultActions=[action])


BREAKS = [
    broken(
        "the-world-reaches-443-only",
        ENTRY,
        "Let another security group in, or open port 443 only.",
        to(fromPort=80.0),
        to(toPort=8443.0),
        to(cidrIpv4=None, cidrIpv6="::/0", fromPort=22.0, toPort=22.0),
    ),
    broken(
        "the-world-reaches-the-load-balancer-only",
        INNER,
        "Let the load balancer's group in; infra/render/flows.py has every flow.",
        to(cidrIpv4="0.0.0.0/0"),
        to(cidrIpv6="::/0"),
    ),
    broken(
        "a-security-group-has-one-list-of-rules",
        GROUP,
        "Take SecurityGroupIngressRule and SecurityGroupEgressRule, and nothing inside the group.",
        to(ingress=[{"fromPort": 443.0}]),
        to(egress=[{"fromPort": 443.0}]),
        a("ec2/securityGroupRule:SecurityGroupRule"),
    ),
    broken(
        "a-subnet-gives-no-public-addresses",
        SUBNET,
        "Set map_public_ip_on_launch=False.",
        to(mapPublicIpOnLaunch=True),
    ),
    broken("a-network-is-logged", FLOW_LOG, "Give it a FlowLog.", gone, blames="network"),
    broken(
        "listeners-speak-tls",
        LISTENER,
        "Set ssl_policy to one that begins with ELBSecurityPolicy-TLS13-1-2.",
        to(sslPolicy="ELBSecurityPolicy-2016-08"),
        to(sslPolicy=None),
    ),
    broken(
        "listeners-speak-tls",
        LISTENER,
        "Let plain HTTP do nothing but redirect to HTTPS, or remove the listener.",
        plain(type="forward"),
        plain(type="redirect", redirect={"protocol": "HTTP"}),
    ),
    broken(
        "the-load-balancer-is-guarded",
        BALANCER,
        'Set access_logs={"bucket": …, "enabled": True}.',
        to(accessLogs=None),
    ),
    broken(
        "the-load-balancer-is-guarded",
        BALANCER,
        "Set drop_invalid_header_fields=True.",
        to(dropInvalidHeaderFields=None),
    ),
    broken(
        "the-load-balancer-is-guarded",
        BALANCER,
        "Set enable_deletion_protection=True.",
        to(enableDeletionProtection=False),
    ),
]
