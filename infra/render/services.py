"""What each kind of service is started with: its command, its variables, its secrets, its health check."""

import json
from collections.abc import Mapping, Sequence

from infra.render.flows import METRICS, WEB
from infra.settings import Environment

KINDS = ("web", "worker", "beat", "monitor", "migrate")
#: Fargate kills a task so many seconds after it asked it to stop; it allows no more.
STOP_TIMEOUT_S = 120
#: So long a worker lets its bodies end; the rest of the stop timeout is for giving back what did not.
SOFT_SHUTDOWN_S = 90
#: uvicorn's patience with requests under way; the load balancer has sent no new ones since before.
DRAIN_S, WEB_STOP_TIMEOUT_S = 30, 60
BEAT_STOP_TIMEOUT_S = 30

COMMON = ("DATABASE_URL", "REDIS_URL", "REDIS_RESULT_URL", "SECRET_KEY", "MATINS_IDENTITY_KEYS")


def secrets(kind: str) -> tuple[str, ...]:
    """Return the variables a kind of service takes from Secrets Manager; only migrations are the owner's."""
    return (*COMMON, "DATABASE_OWNER_URL") if kind == "migrate" else COMMON


def variables(environment: Environment, files_bucket: str) -> dict[str, str]:
    """Return the variables of every service; none of them is a secret."""
    domain = environment.site.domain
    return {
        "MATINS_ENV": "production",  # Also in dev: a deployment has no sandbox, and is checked as production is.
        "ALLOWED_HOSTS": f"{domain},.{domain}",
        "CSRF_TRUSTED_ORIGINS": f"https://{domain},https://*.{domain}",
        "LOG_LEVEL": "INFO",
        "MATINS_STORAGE": "storages.backends.s3.S3Storage",
        "MATINS_STORAGE_OPTIONS": _in_bucket(environment, files_bucket, "documents"),
        "MATINS_PAYMENTS_STORAGE": "storages.backends.s3.S3Storage",
        "MATINS_PAYMENTS_STORAGE_OPTIONS": _in_bucket(environment, files_bucket, "payments"),
        "MATINS_HEARTBEATS": "/tmp/matins",  # noqa: S108 - the one directory a task may write to
    }


def worker_variables() -> dict[str, str]:
    """Return what a worker has besides: how it stops, and where it tells how runs end."""
    return {
        "REMAP_SIGTERM": "SIGQUIT",  # A soft shutdown; a plain SIGTERM waits for bodies until it is killed.
        "CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT": str(SOFT_SHUTDOWN_S),
        "MATINS_WORKER_METRICS_PORT": str(METRICS),
    }


def monitor_variables(environment: Environment) -> dict[str, str]:
    """Return what the monitor has besides: for which deployment it tells CloudWatch what waits."""
    return {"MATINS_CLOUDWATCH_ENVIRONMENT": environment.name, "AWS_DEFAULT_REGION": environment.region}


def web_command(requests: int) -> list[str]:
    """Return uvicorn's command.

    Args:
        requests: it serves at a time; more are refused with 503, and the load balancer asks another.
    """
    return [
        *("uvicorn", "config.asgi:application", "--host", "0.0.0.0", "--port", str(WEB)),  # noqa: S104
        *("--limit-concurrency", str(requests), "--timeout-graceful-shutdown", str(DRAIN_S)),
        *("--proxy-headers", "--forwarded-allow-ips", "*", "--no-server-header"),
    ]


def worker_command(queue: str, concurrency: int) -> list[str]:
    """Return Celery's command for the worker of one queue."""
    return [
        *("celery", "-A", "config", "worker", "-l", "info", "-Q", queue, "-n", f"{queue}@%h"),
        *("-c", str(concurrency), "--without-gossip", "--without-mingle"),
    ]


BEAT_COMMAND = ["celery", "-A", "config", "beat", "-l", "info"]
MONITOR_COMMAND = ["python", "manage.py", "serve_metrics"]
MIGRATE_COMMAND = ["python", "manage.py", "migrate_tenants"]
ROLES_COMMAND = ["python", "manage.py", "create_roles"]


def health_check(command: Sequence[str], *, start_s: int = 60) -> Mapping[str, object]:
    """Return a container's health check: three failures in a row, half a minute apart.

    Args:
        command: exits 0 while the process lives; asks nothing of the database or the broker.
        start_s: seconds in which failures do not count.
    """
    return {"command": ["CMD", *command], "interval": 30, "timeout": 15, "retries": 3, "startPeriod": start_s}


def lives(kind: str) -> list[str]:
    """Return the command that reads the heartbeat of a worker or a beat."""
    return ["python", "manage.py", "healthy", kind]


def answers(port: int) -> list[str]:
    """Return the command that asks a server of this container for `/healthz`."""
    request = f"import urllib.request as r; r.urlopen('http://127.0.0.1:{port}/healthz', timeout=5)"
    return ["python", "-c", request]


def _in_bucket(environment: Environment, bucket: str, folder: str) -> str:
    return json.dumps({"bucket_name": bucket, "region_name": environment.region, "location": folder})
