"""What no field can see on its own: whether the parts of an environment fit each other."""

import re
from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from config import queues
from infra.settings import connections

if TYPE_CHECKING:
    from infra.settings.model import Environment, Web, Worker

SMALLEST_VPC = 20
AZ_LETTER = 1
#: How Identity Center names groups; those of older instances begin with ten digits of the instance.
GROUP_ID = re.compile(r"([0-9a-f]{10}-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def faults(environment: "Environment") -> Iterator[str]:
    """Yield a sentence for everything that does not fit, with what to change."""
    yield from _places(environment)
    yield from _queues(environment)
    yield from _ranges(environment)
    yield from _sign_in(environment)
    if environment.production:
        yield from _production(environment)
    yield from connections.faults(environment)


def _places(environment: "Environment") -> Iterator[str]:
    network, site = environment.network, environment.site
    if not isinstance(network.cidr, IPv4Network) or network.cidr.prefixlen > SMALLEST_VPC:
        yield f"network.cidr: {network.cidr} is too small or no IPv4 network; take a /{SMALLEST_VPC} or a larger one."
    for zone in network.zones:
        if zone[:-AZ_LETTER] != environment.region:
            yield f"network.zones: {zone} is no zone of {environment.region}."
    if len(set(network.zones)) < len(network.zones):
        yield "network.zones: each zone once; a second subnet in the same zone survives nothing more."
    if site.domain != site.zone and not site.domain.endswith(f".{site.zone}"):
        yield f"site.domain: {site.domain} does not lie in the zone {site.zone}."


def _queues(environment: "Environment") -> Iterator[str]:
    for name in sorted(environment.queues.keys() - set(queues.NAMES)):
        yield f"queues.{name}: there is no such queue in app/config/queues.py, only {', '.join(queues.NAMES)}."


def _ranges(environment: "Environment") -> Iterator[str]:
    services: dict[str, Web | Worker] = {"web": environment.web, "worker": environment.worker}
    services |= {f"queues.{name}": worker for name, worker in environment.queues.items()}
    for name, service in services.items():
        if service.max_tasks < service.tasks:
            yield f"{name}.max_tasks: {service.max_tasks} is less than its tasks, {service.tasks}."
    if environment.database.storage_gib_max < environment.database.storage_gib:
        yield "database.storage_gib_max: less than storage_gib."
    if not (environment.on_call.pages or environment.on_call.mail):
        yield "on_call: nobody would be told; name at least one address in pages or mail."


def _sign_in(environment: "Environment") -> Iterator[str]:
    """Grafana lets nobody in whom it cannot ask somebody else about."""
    grafana = environment.grafana
    if grafana.sign_in == "saml":
        if grafana.saml_metadata is None:
            yield "grafana.saml_metadata: name the address of your SAML provider's metadata."
        if grafana.viewers:
            yield "grafana.viewers: whoever the SAML provider lets in may look; leave it out."
        return
    if grafana.saml_metadata is not None:
        yield 'grafana.saml_metadata: it is not asked unless sign_in is "saml".'
    for group in (*grafana.admins, *grafana.viewers):
        if not GROUP_ID.fullmatch(group):
            yield (
                f"grafana: {group!r} is no id of a group in Identity Center; `aws identitystore list-groups "
                "--identity-store-id …` lists them."
            )


def _production(environment: "Environment") -> Iterator[str]:
    """Production survives the loss of a zone, and keeps what it holds."""
    wanted = {
        "network.nat: per-zone": environment.network.nat == "per-zone",
        "database.standby: true": environment.database.standby,
        "database.protected: true": environment.database.protected,
        "broker.nodes: 2 or more": environment.broker.nodes > 1,
        "broker.protected: true": environment.broker.protected,
        "web.tasks: 2 or more": environment.web.tasks > 1,
        "beat.tasks: 2 or more": environment.beat.tasks > 1,
    }
    for want, is_met in wanted.items():
        if not is_met:
            yield f"production needs {want}."
