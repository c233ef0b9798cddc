"""A parent killed anywhere between its first line and the end of its join has each child once and joins once."""

import pytest

from schedules.models import Run
from tests.night import assert_like_an_undisturbed_night, is_over
from tests.nightjobs import orders
from tests.stage import FAST, at, relieve_until

#: Tenants, each named for the place where a worker dies in its fan-out.
PLACES = {
    "before_claim": ("parent", "before-claim"),
    "before_children": ("parent", "fanned-out"),
    "after_children": ("parent", "committed"),
    "in_a_child": ("child-b", "end"),
    "in_the_join": ("join", "held"),
    "at_its_end": ("join", "before-commit"),
    "after_it": ("join", "committed"),
}


@pytest.mark.parametrize(
    ("order", "tenants"),
    [("once kill", list(PLACES)), ("once kill all", ["after_children", "in_a_child", "in_the_join"])],
)
def test_a_parent_killed_on_its_way_joins_its_children_once(registered, make_tenant, start, order, tenants):
    for tenant in tenants:
        make_tenant(tenant)
        orders.give(tenant, *PLACES[tenant], order)
    at(3)
    start("beat", env=FAST)
    relieve_until(
        lambda: is_over(4) and all(orders.reached(tenant, *PLACES[tenant]) for tenant in tenants),
        start=start,
        env=FAST,
        what="the night to end",
    )
    assert_like_an_undisturbed_night(*tenants)
    joins = Run.objects.filter(window__schedule="daily-parent", item="").values_list("counts", flat=True)
    assert list(joins) == [{"succeeded": 3, "skipped": 0}] * len(tenants)
