"""The options that the specification fixes, and how the environment overrides them."""

import json
import os
import subprocess
import sys
from pathlib import Path

APP = Path(__file__).resolve().parents[3] / "app"

SPECIFIED = {
    "broker_url": "redis://localhost:6379/1",
    "result_backend": "redis://localhost:6379/2",
    "timezone": "UTC",
    "task_track_started": True,
    "accept_content": ["json"],
    "task_serializer": "json",
    "result_serializer": "json",
}
OVERRIDES = {
    "broker_url": ("REDIS_URL", "redis://broker:1/1", "redis://broker:1/1"),
    "result_backend": ("REDIS_RESULT_URL", "redis://broker:1/2", "redis://broker:1/2"),
    "timezone": ("CELERY_TIMEZONE", "Europe/Rome", "Europe/Rome"),
    "task_track_started": ("CELERY_TASK_TRACK_STARTED", "false", False),
    "accept_content": ("CELERY_ACCEPT_CONTENT", "json,yaml", ["json", "yaml"]),
    "task_serializer": ("CELERY_TASK_SERIALIZER", "yaml", "yaml"),
    "result_serializer": ("CELERY_RESULT_SERIALIZER", "yaml", "yaml"),
    "broker_pool_limit": ("CELERY_BROKER_POOL_LIMIT", "3", 3),
    "broker_connection_max_retries": ("CELERY_BROKER_CONNECTION_MAX_RETRIES", "7", 7),
    "worker_soft_shutdown_timeout": ("CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT", "90", 90.0),
    "CELERY_DB_REUSE_MAX": ("CELERY_DB_REUSE_MAX", "50", 50),
}


def options(names, environment):
    """Return the options' values in a process with no other Matins or Celery variables than these."""
    ours = ("MATINS_", "CELERY_", "REDIS_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    code = f"import json; from config.celery import app; print(json.dumps({{n: app.conf.get(n) for n in {names!r}}}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=APP,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_the_defaults_are_those_of_the_specification():
    assert options(list(SPECIFIED), {}) == SPECIFIED


def test_every_option_can_be_overridden_by_the_environment():
    environment = {variable: given for variable, given, _ in OVERRIDES.values()}
    expected = {name: value for name, (_, _, value) in OVERRIDES.items()}
    assert options(list(OVERRIDES), environment) == expected
