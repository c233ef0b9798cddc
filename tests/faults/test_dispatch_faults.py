"""A dispatch by hand that dies halfway, or comes twice, reaches every tenant once."""

import pytest

from common.tasks import dispatch_to_all_tenants
from schedules.models import Run, Window
from tests.night import effects, is_over, story
from tests.nightjobs import orders
from tests.processes import wait_until
from tests.stage import FAST, at

TENANTS = [f"tenant_{letter}" for letter in "abcdefgh"]


@pytest.mark.parametrize(
    "place",
    [("dispatcher", "open", "expanded"), ("dispatcher", "open", "committed"), ("anybody", "push", "half")],
)
def test_a_dispatcher_killed_on_its_way_reaches_every_tenant_once(registered, make_tenant, start, place):
    for schema_name in TENANTS:
        make_tenant(schema_name)
    at(0, 30)  # Nothing else is due.
    orders.give(*place, "once kill")
    start("beat", env=FAST)
    start("worker", env=FAST)
    dispatch_to_all_tenants.apply_async(["tests.nightjobs.tasks.left"], task_id="by-hand-1")
    wait_until(lambda: orders.reached(*place), what="the dispatcher to be killed")
    wait_until(lambda: is_over(1), what="the dispatch to reach everybody")
    assert list(Window.objects.values_list("schedule", "key")) == [("adhoc:tests.nightjobs.tasks.left", "by-hand-1")]
    assert Run.objects.filter(state="succeeded").count() == len(TENANTS), story()
    assert [len(effects(schema_name)) for schema_name in TENANTS] == [1] * len(TENANTS)
