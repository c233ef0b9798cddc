"""Snapshots whose worker or broker is lost between the parent and its children, or within them: as if nothing was."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django_tenants.utils import schema_context

from common import clock
from common.checksum import checksum
from loans.models import Loan
from portfolios.models import Snapshot, Total
from schedules.models import Run
from tests.conformance.nights import make_tenant
from tests.faults.portfolio_night import ASSIGNMENT, CATALOG, SNAPSHOTS
from tests.integration.payments.money import accrue, lend, pay
from tests.integration.portfolios.kept import portfolio, rule
from tests.night import is_over, states, story
from tests.nightjobs import orders
from tests.processes import wait_until
from tests.stage import FAST, relieve_until

EVE, NIGHT = datetime(2024, 2, 4, 12, tzinfo=UTC), date(2024, 2, 5)
ENV = {**FAST, "MATINS_CATALOG": "tests.faults.portfolio_night.CATALOG"}
#: The schedules of the night, and the portfolios of a tenant: by the default one's id and those made after it.
WINDOWS, PORTFOLIOS = 2, 3
PARENT = "create_portfolio_snapshots"

#: Tenants, each named for the place where its worker dies.
PLACES = {
    "before_children": (PARENT, "fanned-out"),
    "after_children": (PARENT, "committed"),
    "at_a_childs_start": ("child-{first}", "held"),
    "in_a_child": ("child-{second}", "before-mark"),
    "at_a_childs_end": ("child-{second}", "before-commit"),
    "after_a_child": ("child-{first}", "committed"),
    "in_the_join": ("join", "before-mark"),
}


@pytest.fixture
def tenants(deployed):
    """The same loans and portfolios in a tenant that nothing disturbs, and in one for every place."""
    deployed(CATALOG, at=EVE)
    make_tenant("calm", enabled_at=EVE)
    with schema_context("calm"):
        for number in range(1, 7):
            lend(f"L{number}", principal=f"{number}00.00")
        pay("17.01", date(2024, 2, 1), loan="L1")
        accrue(date(2024, 2, 4))
        portfolio("late")
        portfolio("small")
        rule("late", "late", 10, dpd_from=1, balance_from=400)
        rule("small", "small", 20, balance_below=300)
    for tenant in (*PLACES, "flushed"):
        make_tenant(tenant, like="calm", enabled_at=EVE)


def children():
    """Return what the tests call the children: every tenant's portfolios have the same ids."""
    with schema_context("calm"), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM portfolios_portfolio ORDER BY id")
        first, second, *_ = (portfolio_id for (portfolio_id,) in cursor.fetchall())
    return {"first": first, "second": second}


def books(schema_name):
    with schema_context(schema_name):
        return checksum()


def noon():
    clock.set_to(datetime(2024, 2, 5, 12, tzinfo=UTC))


def assert_like_an_undisturbed_night(*names):
    """Assert that each portfolio was taken once, and that the books are those of the tenant that nothing disturbed."""
    assert set(states()) == {"succeeded"}, story()
    assert Run.objects.count() == (1 + len(PLACES) + 1) * (WINDOWS + PORTFOLIOS), story()
    with schema_context("calm"):
        assert Snapshot.objects.count() == Loan.objects.count() == 6
        assert Total.objects.count() == PORTFOLIOS
        assert set(Snapshot.objects.values_list("version", flat=True)) == {1}
    assert {books(name) for name in names} == {books("calm")}
    joins = Run.objects.filter(window__schedule=SNAPSHOTS, item="").values_list("counts", flat=True)
    assert all(counts == {"loans": 6, "past_due": 5} for counts in joins), list(joins)


@pytest.mark.parametrize("order", ["once kill", "once kill all"])
def test_a_worker_killed_on_the_way_leaves_the_snapshots_of_an_undisturbed_night(tenants, start, order):
    places = {tenant: (job.format(**children()), point) for tenant, (job, point) in PLACES.items()}
    for tenant, place in places.items():
        orders.give(tenant, *place, order)
    noon()
    start("beat", env=ENV)
    relieve_until(
        lambda: is_over(WINDOWS) and all(orders.reached(tenant, *place) for tenant, place in places.items()),
        start=start,
        env=ENV,
        what="the night to end",
    )
    assert_like_an_undisturbed_night(*PLACES)


def test_a_broker_flushed_between_the_parent_and_its_children_loses_none(tenants, start, sandbox):
    stages = [
        ("auto_assign_portfolios", "committed"),
        (PARENT, "committed"),
        (f"child-{children()['first']}", "claimed"),
    ]
    for number, stage in enumerate(stages):
        orders.give("flushed", *stage, f"once wait flushed-{number}")
    noon()
    start("beat", env=ENV)
    start("worker", env=ENV)
    for number, stage in enumerate(stages):
        wait_until(lambda stage=stage: orders.reached("flushed", *stage), what=f"{stage} to be reached")
        sandbox.flush_broker()
        orders.say(f"flushed-{number}")
    wait_until(lambda: is_over(WINDOWS), what="the night to end", timeout_s=120)
    assert_like_an_undisturbed_night("flushed")
    assert Run.objects.filter(window__schedule=ASSIGNMENT, state="succeeded").count() == 1 + len(PLACES) + 1
