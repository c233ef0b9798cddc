"""Who may talk to whom: one line per permitted flow, from which both ends' rules are made."""

from typing import NamedTuple

#: The roles of the app's own services, each with a security group of its own.
SERVICES = ("web", "worker", "beat", "monitor", "migrate")
#: Further groups: the load balancer, what collects metrics, what they all call.
GROUPS = ("load-balancer", *SERVICES, "collector", "database", "broker", "endpoints")

INTERNET, S3 = "internet", "s3"
HTTPS, MAIL = 443, 587
POSTGRES, VALKEY, WEB, METRICS = 5432, 6379, 8000, 9464


class Flow(NamedTuple):
    """Connections from one group to another on one port; INTERNET and S3 are no groups."""

    source: str
    target: str
    port: int


def flows() -> list[Flow]:
    """Return everything that is permitted; nothing else is."""
    return [
        Flow(INTERNET, "load-balancer", HTTPS),
        Flow("load-balancer", "web", WEB),
        *(Flow(service, "database", POSTGRES) for service in SERVICES),
        *(Flow(service, "broker", VALKEY) for service in SERVICES),
        *(Flow(caller, "endpoints", HTTPS) for caller in (*SERVICES, "collector")),
        *(Flow(caller, S3, HTTPS) for caller in (*SERVICES, "collector")),  # Images come from there, too.
        *(Flow("collector", target, METRICS) for target in ("monitor", "worker")),
        # Only bodies and the relay speak to the world: mail servers, banks, vendors of engines and channels.
        Flow("worker", INTERNET, HTTPS),
        Flow("worker", INTERNET, MAIL),
    ]
