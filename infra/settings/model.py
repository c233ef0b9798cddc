"""The fields of an environment, each with its unit and, where it has bounds, the reason for them."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, HttpUrl, IPvAnyNetwork, model_validator

from config import queues
from infra.settings import checks
from infra.settings.sizes import DatabaseClass, Days, Model, Size
from infra.settings.watching import Grafana, Metrics

LABEL = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$"


class Network(Model):
    """Where everything stands.

    Args:
        cidr: the addresses of the VPC, /20 or larger: three subnets of every zone are cut out of it.
        zones: two or three availability zones of the region.
        nat: one gateway to the internet for all zones, or one in each, so that a zone can be lost.
    """

    cidr: IPvAnyNetwork
    zones: Annotated[tuple[str, ...], Field(min_length=2, max_length=3)]
    nat: Literal["one", "per-zone"]


class Database(Model):
    """Postgres.

    Args:
        instance_class: what it runs on; says how many connections there are.
        version: the major version, 16 or newer.
        storage_gib: GiB at first; it grows by itself up to `storage_gib_max`.
        standby: a second one in another zone that takes over within a minute or two.
        backup_days: days back to which any second can be restored.
        protected: nobody deletes it until this is false.
    """

    instance_class: DatabaseClass
    version: Annotated[int, Field(ge=16)]
    storage_gib: Annotated[int, Field(ge=20)]
    storage_gib_max: int
    standby: bool
    backup_days: Annotated[int, Field(ge=14, le=35)]
    protected: bool


class Broker(Model):
    """The Redis DBs: Valkey, messages in DB 1, results in DB 2.

    Args:
        node_type: what each node runs on.
        nodes: one primary and its replicas.
        version: Valkey's.
        snapshot_days: days for which the daily snapshot is kept.
        protected: nobody deletes it until this is false.
    """

    node_type: Annotated[str, Field(pattern=r"^cache\.")]
    nodes: Annotated[int, Field(ge=1, le=6)]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+$")]
    snapshot_days: Annotated[int, Field(ge=5, le=35)]
    protected: bool


class Web(Size):
    """The web service.

    Args:
        tasks: how many at least.
        max_tasks: how many at most.
        requests: how many one task serves at a time; each may hold a connection to Postgres.
    """

    tasks: Annotated[int, Field(ge=1)]
    max_tasks: int
    requests: Annotated[int, Field(ge=1)]


class Worker(Size):
    """The worker service of one queue.

    Args:
        concurrency: bodies one task runs at a time; each holds a connection to Postgres.
        tasks: how many at least; a queue that nobody looks at makes its tenants wait.
        max_tasks: how many at most.
        backlog_per_task: messages waiting per task, above which there should be more tasks.
    """

    concurrency: Annotated[int, Field(ge=1)]
    tasks: Annotated[int, Field(ge=1)]
    max_tasks: int
    backlog_per_task: Annotated[int, Field(ge=1)]


class Beat(Size):
    """Beat: any number may tick, because the ledger decides.

    Args:
        tasks: how many.
    """

    tasks: Annotated[int, Field(ge=1)]


class Site(Model):
    """Where people find it.

    Args:
        domain: tenants' sites are this name's and its subdomains.
        zone: the hosted zone of Route 53 that holds it; it must exist …
        zone_id: … under this id.
    """

    domain: Annotated[str, Field(pattern=LABEL)]
    zone: Annotated[str, Field(pattern=LABEL)]
    zone_id: Annotated[str, Field(pattern=r"^Z[A-Z0-9]+$")]


class OnCall(Model):
    """Who is told.

    Args:
        pages: https addresses that wake somebody up, e.g. of a paging service's SNS integration.
        mail: addresses that get tickets, and pages too.
    """

    pages: tuple[HttpUrl, ...] = ()
    mail: tuple[Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")], ...] = ()


class Pipeline(Model):
    """Which CI may deploy.

    Args:
        repository: GitHub's owner/name.
        environment: the GitHub environment whose jobs may; its protection rules say who approves.
    """

    repository: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]
    environment: Annotated[str, Field(pattern=r"^[\w-]+$")]


class Environment(Model):
    """One whole deployment.

    Args:
        name: of the stacks and, behind `matins-`, of what they make.
        production: it must then survive the loss of a zone, and keep what it holds.
        account_id: the only AWS account it may be deployed to.
        region: AWS' name of the region.
        log_days: days for which logs are kept.
        architecture: of the image; ARM64 costs a fifth less, where the CI can build it.
        worker: of every queue …
        queues: … except where a queue says otherwise.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{1,9}$")]
    production: bool
    account_id: Annotated[str, Field(pattern=r"^\d{12}$")]
    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
    log_days: Days
    architecture: Literal["X86_64", "ARM64"]
    network: Network
    database: Database
    broker: Broker
    site: Site
    on_call: OnCall
    pipeline: Pipeline
    web: Web
    worker: Worker
    queues: dict[str, Worker] = {}
    beat: Beat
    monitor: Size
    migrate: Size
    collector: Size
    metrics: Metrics
    grafana: Grafana

    @model_validator(mode="before")
    @classmethod
    def _complete_queues(cls, data: dict[str, Any]) -> dict[str, Any]:
        common, queues_ = data.get("worker", {}), data.get("queues", {})
        return {**data, "queues": {name: {**common, **its_own} for name, its_own in queues_.items()}}

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if faults := list(checks.faults(self)):
            raise ValueError("\n".join(faults))
        return self

    @property
    def workers(self) -> dict[str, Worker]:
        """The worker service of every queue that the code knows."""
        return {name: self.queues.get(name, self.worker) for name in queues.NAMES}

    def named(self, thing: str) -> str:
        """Return the name in AWS of something of this environment."""
        return f"matins-{self.name}-{thing}"
