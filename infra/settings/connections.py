"""The connection budget: what every service may hold at once fits what the database takes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from infra.settings.sizes import max_connections

if TYPE_CHECKING:
    from infra.settings.model import Environment

#: Of all connections in ordinary times; the rest is for deployments, operators and RDS itself.
SHARE = 0.8
#: What RDS keeps for its own superuser, and one operator's `manage.py`.
RESERVED = 5
#: A deployment of web and workers runs the old tasks and the new side by side.
WHILE_DEPLOYED = 2


class Holder(NamedTuple):
    """A service, its tasks at most, and the connections each of them may hold."""

    service: str
    tasks: int
    each: int

    @property
    def connections(self) -> int:
        """All its connections at once."""
        return self.tasks * self.each


def holders(environment: "Environment") -> list[Holder]:
    """Return every service that connects to Postgres."""
    return [
        Holder("web", environment.web.max_tasks, environment.web.requests),
        *(Holder(f"worker-{name}", it.max_tasks, it.concurrency) for name, it in environment.workers.items()),
        Holder("beat", environment.beat.tasks, 1),
        Holder("monitor", 1, 2),
        Holder("migrate", 1, environment.migrate.cpu // 256),
    ]


def faults(environment: "Environment") -> Iterator[str]:
    """Yield a sentence when the services may ask for more connections than there are."""
    offered = max_connections(environment.database.instance_class)
    held = holders(environment)
    steady = sum(holder.connections for holder in held)
    if steady > SHARE * offered:
        yield _sentence("", steady, int(SHARE * offered), environment, held)
    elif WHILE_DEPLOYED * steady > offered - RESERVED:
        yield _sentence(", while deployed", WHILE_DEPLOYED * steady, offered - RESERVED, environment, held)


def _sentence(when: str, needed: int, offered: int, environment: "Environment", held: list[Holder]) -> str:
    most = max(held, key=lambda holder: holder.connections)
    return (
        f"database.instance_class: the services may hold {needed} connections{when}, and "
        f"{environment.database.instance_class} has {offered} for them; take a larger one, or less of "
        f"{most.service} ({most.tasks} x {most.each})."
    )
