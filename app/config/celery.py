"""The Celery application: `celery -A config worker -l info` and `celery -A config beat -l info`.

Every option says what goes wrong without it, and has an environment variable: `broker_pool_limit` can be
overridden by CELERY_BROKER_POOL_LIMIT.
"""

import logging
import os
import socket
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.app.utils import Settings
from celery.schedules import crontab
from celery.signals import beat_init, celeryd_init, setup_logging
from celery.utils.text import str_to_list
from kombu import Exchange, Queue

from config import checks, queues
from config.environment import env
from schedules.catalog import CATALOG

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Celery would run the system checks and start whatever they find; refuse_unsound_deployment runs them instead.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

# Give up on a peer that vanished without closing: 10 s of silence, then three probes 5 s apart.
KEEPALIVE = {
    getattr(socket, name): value
    for name, value in {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}.items()
    if hasattr(socket, name)
}

OPTIONS: dict[str, Any] = {
    # Where and when.
    "broker_url": env.str("REDIS_URL", "redis://localhost:6379/1"),
    "result_backend": env.str("REDIS_RESULT_URL", "redis://localhost:6379/2"),
    "timezone": "UTC",
    "enable_utc": True,
    "beat_scheduler": "schedules.beat:WindowScheduler",  # State in Postgres, any number of beats.
    # What a message may hold.
    "accept_content": ["json"],
    "task_serializer": "json",
    "result_serializer": "json",
    # How a task is run.
    "task_track_started": True,
    "task_always_eager": False,
    "task_acks_late": True,  # A message outlives the worker that took it.
    "task_reject_on_worker_lost": True,  # So does that of a child that was killed …
    "task_retry_on_worker_lost": True,  # … unless it is a tenant task (max_retries=0): those loop no more.
    "worker_prefetch_multiplier": 1,  # A worker holds what it runs; the rest stays for the others.
    "worker_cancel_long_running_tasks_on_connection_loss": False,  # A second start finds the run claimed.
    "worker_soft_shutdown_timeout": 20.0,  # On SIGQUIT; REMAP_SIGTERM=SIGQUIT makes a deploy wait so long.
    "worker_consumer": "config.consumer:LastingConsumer",  # Celery's own can die of a broker that restarts.
    "worker_redirect_stdouts": False,  # What is printed goes where it was sent, not through a logger and back.
    "worker_max_tasks_per_child": 1000,  # Memory creep of long-lived children.
    # Celery's Django fixup would close the connection around every task; now it does so after so many, because
    # a backend remembers the catalog of every schema it touched (about 14 MB per 100).
    "CELERY_DB_REUSE_MAX": 500,
    "worker_eta_task_limit": 1000,  # The night never uses ETA; whoever does cannot fill the worker.
    # Which queue.
    "task_default_queue": queues.DEFAULT,
    "task_create_missing_queues": False,  # A misspelt queue is an error, not a list that nobody reads.
    # The broker's connection.
    "broker_connection_timeout": 3.0,
    "broker_connection_retry_on_startup": True,  # Workers may start before the broker.
    "broker_connection_max_retries": None,  # A worker waits for its broker however long that is down.
    "broker_pool_limit": 10,
    "broker_pool_acquire_timeout": 5.0,  # A publisher does not wait for ever for a free connection.
    "broker_transport_options": {
        "socket_timeout": 5.0,  # A half-open socket must not hang a publisher or beat.
        "socket_connect_timeout": 3.0,
        "socket_keepalive": True,
        "socket_keepalive_options": KEEPALIVE,
        "health_check_interval": 10,  # A worker whose socket died consumes again after some 20 s.
        "unacked_restore_interval": 1,  # Look for messages of dead workers every second, not every 100 s.
        "unacked_restore_throttle": 1,
        "unacked_mutex_expire": 10,  # A sweeper that dies delays the next by 10 s, not by 5 minutes.
        "visibility_timeout": queues.slowest(queues.NAMES).visibility_timeout_s,
        **queues.unacked_keys(queues.NAMES),
    },
    # A publisher fails within seconds; what it could not send, the ledger sends again.
    "task_publish_retry_policy": {"max_retries": 1, "interval_start": 0.1, "interval_max": 0.5},
    # The result backend: wanted by hand-made Canvas only, so its outages are short for everybody else.
    "redis_socket_timeout": 5.0,
    "redis_socket_connect_timeout": 3.0,
    "redis_socket_keepalive": True,
    "redis_backend_health_check_interval": 10,
    "result_backend_transport_options": {"retry_policy": {"max_retries": 2, "interval_max": 0.5, "timeout": 5}},
    "result_expires": 86400,
}
PARSERS: dict[type, Callable[..., Any]] = {
    bool: env.bool,
    int: env.int,
    float: env.float,
    str: env.str,
    list: env.list,
    dict: env.json,
}


def _from_environment(name: str, default: Any) -> Any:
    """Return the option's value: its environment variable's, read as the default's type, or the default."""
    variable = name if name.isupper() else f"CELERY_{name.upper()}"
    return PARSERS.get(type(default), env.int)(variable, default)


def route_by_catalog(name: str, *_: Any, **__: Any) -> dict[str, str] | None:
    """Send a task of the night by hand to the queue it has in the night, with that queue's time limit."""
    from schedules.registry import catalog

    schedule = catalog().for_task(name)
    return {"queue": schedule.queue} if schedule else None


app = Celery("matins")
app.conf.update({name: _from_environment(name, default) for name, default in OPTIONS.items()})
# Each with an exchange of its own: Celery would bind them all to the default queue's, and every queue gets a copy.
app.conf.task_queues = [Queue(name, Exchange(name), routing_key=name) for name in queues.NAMES]
app.conf.task_routes = (route_by_catalog,)
# The night as Celery's own tools read it. Our beat does not: it opens the windows of the catalog. Any other would at
# least dispatch the same tasks at the same times, as work by hand.
app.conf.beat_schedule = {
    schedule.name: {
        "task": "common.tasks.dispatch_to_all_tenants",
        "args": (schedule.task,),
        "schedule": crontab.from_string(schedule.cron),
    }
    for schedule in CATALOG
}
app.steps["worker"] |= {"monitoring.steps:Heartbeat", "monitoring.steps:Metrics"}
app.autodiscover_tasks()


@setup_logging.connect
def log_as_django_does(loglevel: int, **_: Any) -> None:
    """Keep settings.LOGGING as the one logging configuration; Celery's own would be lost when Django sets up."""
    logging.getLogger().setLevel(loglevel)


@celeryd_init.connect
def fit_worker_to_its_queues(conf: Settings, options: dict[str, Any], **_: Any) -> None:
    """Give a worker the time limits, visibility timeout and keys of the queues it was started for."""
    consumed = str_to_list(options.get("queues")) or queues.NAMES
    excluded = str_to_list(options.get("exclude_queues")) or ()
    names = [name for name in queues.NAMES if name in consumed and name not in excluded]
    if not names:
        return  # Celery says itself which queue it does not know.
    slowest = queues.slowest(names)
    conf.task_time_limit, conf.task_soft_time_limit = slowest.time_limit_s, slowest.soft_time_limit_s
    conf.broker_transport_options = {
        **conf.broker_transport_options,
        **queues.unacked_keys(names),
        "visibility_timeout": slowest.visibility_timeout_s,
    }


@celeryd_init.connect
@beat_init.connect
def refuse_unsound_deployment(**_: Any) -> None:
    """End a worker or beat whose system checks fail (a signal's SystemExit is not swallowed, an Exception is)."""
    checks.refuse_errors()
