"""The peers as their READMEs set them up: one task every minute, and all else as it comes."""

import os
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.peers.settings")

import django

django.setup()

from celery import Celery
from celery.schedules import crontab
from django.db import connection
from tenant_schemas_celery.app import CeleryApp

from bench.peers import diary

SCHEDULERS = {
    "celery": "celery.beat:PersistentScheduler",
    "redbeat": "redbeat.RedBeatScheduler",
    "django_celery_beat": "django_celery_beat.schedulers:DatabaseScheduler",
    "tenant_schemas_celery": "tenant_schemas_celery.scheduler:TenantAwarePersistentScheduler",
}
PEER = os.environ["PEER"]

app = (CeleryApp if PEER == "tenant_schemas_celery" else Celery)(PEER)
app.conf.update(
    broker_url=os.environ["REDIS_URL"],
    task_default_queue=PEER,
    task_ignore_result=True,
    timezone="UTC",
    broker_connection_retry_on_startup=True,
    task_acks_late="PEER_ACKS_LATE" in os.environ,
    beat_scheduler=SCHEDULERS[PEER],
    beat_schedule={"minutely": {"task": "bench.peers.app.note", "schedule": crontab()}},
    redbeat_key_prefix="redbeat:",
)


@app.task
def note() -> None:
    """Do nothing: its messages are counted in the broker, where no worker takes them."""


@app.task
def where() -> None:
    """Say which schema the body is in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        diary.write(PEER, schema=cursor.fetchone()[0])


@app.task
def slow() -> None:
    """Say that the body began, and take a while."""
    diary.write(os.environ["PEER_DIARIST"])
    time.sleep(240)  # Longer than another worker takes to start on a busy machine.
