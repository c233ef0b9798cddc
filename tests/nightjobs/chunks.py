"""A job in three transactions, which finds out for itself what is still missing."""

from celery import shared_task

from common.outcomes import Outcome
from common.tasks import TenantTask
from tests.nightjobs import orders
from tests.nightjobs.models import Effect


@shared_task(base=TenantTask, bind=True, max_retries=0, chunked=True)
def in_chunks(self, schema_name, business_date=None):
    written = 0
    for item in "abc":
        if not Effect.objects.filter(item=item).exists():
            Effect.objects.create(
                schedule="chunks", item=item, business_date=business_date, seen=Effect.objects.count()
            )
            written += 1
        orders.obey(schema_name, "chunks", item)
        if item != "c":
            yield
    return Outcome(counts={"rows": written})
