"""Reading a night: what the ledger and the tenants' rows say about it."""

from collections import Counter

from django_tenants.utils import schema_context

from schedules.models import Run, Window
from tests.nightjobs.models import Effect
from tests.processes import wait_until

FINAL = ("succeeded", "failed", "skipped")


def states():
    """Count the runs by state."""
    return dict(Counter(Run.objects.values_list("state", flat=True)))


def effects(schema_name):
    """Return a tenant's effects in the order they were committed."""
    with schema_context(schema_name):
        return list(Effect.objects.order_by("id"))


def is_over(windows):
    return Window.objects.count() >= windows and not Run.objects.exclude(state__in=FINAL).exists()


def wait_for_night(*, windows, timeout_s=60):
    """Wait until that many windows are there and every run of them is final."""
    try:
        wait_until(lambda: is_over(windows), what=f"{windows} windows to finish", timeout_s=timeout_s)
    except AssertionError as error:
        rows = Run.objects.values_list("window__schedule", "tenant__schema_name", "item", "state", "reason")
        raise AssertionError(f"{error}\n" + "\n".join(map(str, rows[:50]))) from None
