"""The peer's worker: tenant-schemas-celery as its README sets it up, with or without its tenant cache."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from tenant_schemas_celery.app import CeleryApp

QUEUE = "peer"

app = CeleryApp("peer")
app.conf.update(
    broker_url=os.environ["REDIS_URL"],
    task_default_queue=QUEUE,
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
)
if "PEER_TENANT_CACHE_S" in os.environ:
    app.conf.task_tenant_cache_seconds = int(os.environ["PEER_TENANT_CACHE_S"])


@app.task
def empty() -> None:
    """Do nothing for the tenant of the message's header."""
