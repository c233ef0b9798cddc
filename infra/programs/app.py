"""App: the migrations, and after them web, a worker for every queue, beat and the monitor, all of one image."""

import pulumi

from infra import migration, outputs, stack
from infra.components.release import Migrate, Release
from infra.components.scaling import WEB_CPU_PERCENT, Scaling
from infra.components.service import HALVES, ROLLING, SINGLE, Rollout, Service, Task
from infra.components.topics import alarm
from infra.programs.parts import Parts
from infra.render import services
from infra.render.flows import METRICS, WEB
from infra.render.images import by_digest
from infra.settings.model import Web, Worker


def program(migrate: Migrate = migration.migrate) -> None:
    """Migrate with the configured image, then make every service run it.

    Args:
        migrate: runs the migrations; a rehearsal has none to run.
    """
    here = stack.begin()
    parts = Parts(here, image=by_digest(pulumi.Config().require("image")))
    task = _migrations(parts)
    order = pulumi.Output.json_dumps(
        {
            "image": parts.image,
            "taskDefinition": task.arn,
            "cluster": parts.place.cluster_arn,
            "subnets": parts.place.subnet_ids,
            "securityGroup": parts.network.security_group_ids["migrate"],
            "logGroup": parts.platform.log_groups["migrate"],
            "region": here.settings.region,
        }
    )
    release = Release("release", environment=here.settings, order=order, migrate=migrate, opts=here.opts)
    made = {"web": _web(parts, release)}
    made |= {f"worker-{queue}": _worker(parts, release, queue) for queue in here.settings.workers}
    made |= {"beat": _beat(parts, release), "monitor": _monitor(parts, release)}
    names = pulumi.Output.all(**{name: service.service.name for name, service in made.items()})
    outputs.publish(outputs.AppOutputs(service_names=names, migrate_task_definition_arn=task.arn))


def _migrations(parts: Parts) -> Task:
    """Return the task that makes the app's roles as the database's master, then migrates as the owner."""
    master = {
        f"DATABASE_MASTER_{part.upper()}": pulumi.Output.concat(parts.data.master_secret_arn, f":{part}::")
        for part in ("username", "password")
    }
    roles = parts.container("migrate", "roles", services.ROLES_COMMAND, more_secrets=master, is_essential=False)
    work = parts.container("migrate", "migrate", services.MIGRATE_COMMAND, after="roles")
    return parts.task("migrate", "migrate", parts.environment.migrate, roles, work)


def _web(parts: Parts, release: Release) -> Service:
    web = parts.environment.web
    failing = alarm(
        "web-errors",
        environment=parts.environment,
        text="The web service answers with errors: look at its log; a deployment under way is taken back.",
        namespace="AWS/ApplicationELB",
        metric="HTTPCode_Target_5XX_Count",
        above=20,
        statistic="Sum",
        minutes=3,
        dimensions={
            "LoadBalancer": parts.platform.load_balancer_suffix,
            "TargetGroup": parts.platform.target_group_suffix,
        },
        topic_arn=parts.place.topic_arn,
        opts=release.child(),  # It takes the release back.
    )
    container = parts.container(
        "web",
        "web",
        services.web_command(web.requests),
        stop_timeout_s=services.WEB_STOP_TIMEOUT_S,
        port=WEB,
        health=services.health_check(services.answers(WEB)),
    )
    rollout = Rollout(least=ROLLING.least, most=ROLLING.most, alarms=[failing.name])
    service = parts.service("web", "web", web, container, tasks=web.tasks, rollout=rollout, release=release)
    _scale(parts, service, web, target=WEB_CPU_PERCENT)
    return service


def _worker(parts: Parts, release: Release, queue: str) -> Service:
    name, worker = f"worker-{queue}", parts.environment.workers[queue]
    container = parts.container(
        "worker",
        name,
        services.worker_command(queue, worker.concurrency),
        more=services.worker_variables(),
        stop_timeout_s=services.STOP_TIMEOUT_S,
        port=METRICS,
        health=services.health_check(services.lives("worker")),
    )
    service = parts.service("worker", name, worker, container, tasks=worker.tasks, rollout=ROLLING, release=release)
    _scale(parts, service, worker, target=worker.backlog_per_task, queue=queue)
    return service


def _beat(parts: Parts, release: Release) -> Service:
    beat = parts.environment.beat
    container = parts.container(
        "beat",
        "beat",
        services.BEAT_COMMAND,
        stop_timeout_s=services.BEAT_STOP_TIMEOUT_S,
        health=services.health_check(services.lives("beat")),
    )
    rollout = HALVES if beat.tasks > 1 else SINGLE
    return parts.service("beat", "beat", beat, container, tasks=beat.tasks, rollout=rollout, release=release)


def _monitor(parts: Parts, release: Release) -> Service:
    container = parts.container(
        "monitor",
        "monitor",
        services.MONITOR_COMMAND,
        more=services.monitor_variables(parts.environment),
        port=METRICS,
        health=services.health_check(services.answers(METRICS)),
    )
    size = parts.environment.monitor
    return parts.service("monitor", "monitor", size, container, tasks=1, rollout=SINGLE, release=release)


def _scale(parts: Parts, service: Service, between: Web | Worker, *, target: int, queue: str | None = None) -> None:
    Scaling(
        service.name,
        environment=parts.environment,
        cluster_name=parts.place.cluster_name,
        service_name=service.service.name,
        least=between.tasks,
        most=between.max_tasks,
        queue=queue,
        target=target,
        opts=parts.opts,
    )
