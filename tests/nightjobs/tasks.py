"""The jobs: each writes one row and says what it saw."""

from pathlib import Path

from celery import shared_task

from common.outcomes import BadItem, Child, FanOut, Outcome
from common.tasks import TenantTask, current_run
from schedules import outbox
from tests.nightjobs import orders
from tests.nightjobs.models import Effect


def _effect(schema_name, job, business_date, item=""):
    orders.obey(schema_name, job, "start")
    run = current_run()
    Effect.objects.create(
        schedule=run.schedule if run else f"by hand: {job}",
        item=item,
        business_date=business_date,
        seen=Effect.objects.count(),
    )
    orders.obey(schema_name, job, "end")
    return Outcome(counts={"rows": 1})


@shared_task(base=TenantTask, bind=True, max_retries=0)
def first(self, schema_name, business_date=None):
    return _effect(schema_name, "first", business_date)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def second(self, schema_name, business_date=None):
    return _effect(schema_name, "second", business_date)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def third(self, schema_name, business_date=None):
    return _effect(schema_name, "third", business_date)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def hourly(self, schema_name, business_date=None):
    return _effect(schema_name, "hourly", business_date)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def left(self, schema_name, business_date=None):
    return _effect(schema_name, "left", business_date)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def right(self, schema_name, business_date=None):
    return _effect(schema_name, "right", business_date)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def both(self, schema_name, business_date=None):
    return _effect(schema_name, "both", business_date)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def parent(self, schema_name, business_date=None, joined=None):
    if joined is None:
        orders.obey(schema_name, "parent", "start")
        return FanOut(
            task="tests.nightjobs.tasks.child",
            children=[Child(item=item, args=[item]) for item in "abc"],
        )
    _effect(schema_name, "parent-join", business_date, item="join")
    return Outcome(counts={"succeeded": joined.succeeded, "skipped": joined.skipped})


@shared_task(base=TenantTask, bind=True, max_retries=0)
def child(self, schema_name, item, business_date=None):
    return _effect(schema_name, f"child-{item}", business_date, item=item)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def childless(self, schema_name, joined=None):
    return FanOut(task="tests.nightjobs.tasks.child", children=[]) if joined is None else Outcome(counts={"joined": 1})


@shared_task(base=TenantTask, bind=True, max_retries=0)
def picky(self, schema_name, business_date=None, only=None):
    """Leave out item `bad`, unless it is asked for alone: then it has been mended."""
    items = only or ["good", "bad"]
    for item in items:
        if item != "bad" or only:
            _effect(schema_name, "picky", business_date, item=item)
    left_out = [] if only else [BadItem(model="nightjobs.Effect", key="bad", reason="told to be bad")]
    return Outcome(counts={"rows": len(items) - len(left_out)}, quarantined=left_out)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def empty(self, schema_name):
    return {}


@shared_task(base=TenantTask, bind=True, max_retries=0)
def note(self, schema_name, text, business_date=None, more=""):
    """Write down the arguments, to see what of them arrives."""
    return _effect(schema_name, "note", business_date, item=text + more)


@shared_task(base=TenantTask, bind=True, max_retries=0, chunked=True)
def chunky(self, schema_name, business_date=None):
    """Write three rows in three transactions, each only where it is still missing."""
    for item in "abc":
        if not Effect.objects.filter(item=item, business_date=business_date).exists():
            _effect(schema_name, f"chunky-{item}", business_date, item=item)
        yield
    return Outcome(counts={"rows": 3})


@outbox.deliverer("file")
def append_to_file(key, payload):
    """Deliver to a file, where a test can count the deliveries."""
    with Path(payload["path"]).open("a") as file:
        file.write(f"{key}: {payload['text']}\n")
