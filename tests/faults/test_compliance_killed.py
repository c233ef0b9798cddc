"""The poll's children in the night, and the chord by hand: what a killed worker or a flushed broker leaves of them."""

from datetime import date

import pytest
from django_tenants.utils import schema_context

import workflows
from compliance.models import Engine, FindingChange, Report
from compliance.services import begin_poll, define_engine
from schedules.models import Run
from tests.integration.common.calling import somebody_else
from tests.integration.compliance.feed import TOKEN, alert, serving, status
from tests.integration.payments.money import lend
from tests.night import is_over, states, story
from tests.nightjobs import orders
from tests.nightjobs.catalog import COMPLIANCE
from tests.processes import wait_until
from tests.servers import statements
from tests.stage import EVE, FAST, at, relieve_until

VARIABLE = "MATINS_ENGINE_TOKEN_TEST"
ENV = {**FAST, "MATINS_CATALOG": "tests.nightjobs.catalog.COMPLIANCE", VARIABLE: TOKEN}
PATIENCE_S = 60
POLL = "poll_compliance_monitors"
#: Tenants, each named for the place where a worker dies.
PLACES = {
    "before_claim": (POLL, "before-claim"),
    "before_children": (POLL, "fanned-out"),
    "after_children": (POLL, "committed"),
    "in_a_child": ("child-scra-rate-cap", "before-commit"),
    "after_a_child": ("child-watch", "committed"),
    "in_the_join": ("join", "held"),
    "at_its_end": ("join", "before-commit"),
}
#: A check that waits for its rule's row.
WAITING = "compliance_rule.*FOR NO KEY UPDATE"
#: What an undisturbed night leaves of what the monitor has reported: each found once.
CHANGES = [("opened", "scra-rate-cap", "loan L1"), ("opened", "watch", "loan L1, ofac match")]


@pytest.fixture
def feed():
    with serving() as one:
        one.events = [status(1), alert(2), alert(3, severity="critical")]
        yield one


@pytest.fixture
def watched(deployed, make_tenant, feed):
    """Return a function that makes a tenant with a loan at 12 percent and a monitor."""
    deployed(COMPLIANCE)

    def make(schema_name):
        make_tenant(schema_name, enabled_at=EVE)
        with schema_context(schema_name):
            lend("L1", rate="0.12", start=date(2024, 1, 1))
            define_engine(code="watch", url=feed.url, token_variable=VARIABLE)

    return make


def left_behind(tenant):
    """Return the changes of findings, the reports and the cursor."""
    with schema_context(tenant):
        changes = FindingChange.objects.order_by("finding__rule__code").values_list(
            "what", "finding__rule__code", "finding__subject"
        )
        return list(changes), Report.objects.count(), Engine.objects.get().cursor


def assert_undisturbed(*tenants):
    assert set(states()) == {"succeeded"}, story()
    assert {tenant: left_behind(tenant) for tenant in tenants} == dict.fromkeys(tenants, (CHANGES, 3, "3"))
    joins = Run.objects.filter(item="").values_list("counts", flat=True)
    assert [(counts["reports"], counts["opened"], counts["open"]) for counts in joins] == [(3, 2, 2)] * len(tenants)


def test_a_worker_killed_anywhere_between_the_poll_and_its_join_loses_and_doubles_nothing(watched, start):
    for tenant, place in PLACES.items():
        watched(tenant)
        orders.give(tenant, *place, "once kill all")
    at(3)
    start("beat", env=ENV)
    relieve_until(
        lambda: is_over(1) and all(orders.reached(tenant, *place) for tenant, place in PLACES.items()),
        start=start,
        env=ENV,
        what="the night to end",
    )
    assert_undisturbed(*PLACES)


def test_a_broker_flushed_between_the_poll_its_children_and_its_join_loses_nothing(watched, start, sandbox):
    watched("acme")
    stages = dict(enumerate([(POLL, "committed"), ("child-scra-rate-cap", "held"), ("child-watch", "committed")]))
    for number, stage in stages.items():
        orders.give("acme", *stage, f"once wait flushed-{number}")
    at(3)
    start("beat", env=ENV)
    start("worker", env=ENV)
    waiting = dict(stages)

    def flushed_everywhere():
        for number, stage in list(waiting.items()):
            if orders.reached("acme", *stage):
                sandbox.flush_broker()
                orders.say(f"flushed-{number}")
                del waiting[number]
        return not waiting and is_over(1)

    wait_until(flushed_everywhere, what="the night to pass every stage")
    assert_undisturbed("acme")


def test_a_chord_whose_broker_was_flushed_is_sent_again_and_does_nothing_twice(watched, start, sandbox, reported):
    lost = workflows.compliance_check("acme").apply_async()
    sandbox.flush_broker()
    start("worker", env=ENV)
    assert send_again() == (2, 2)
    assert not lost.ready()
    assert left_behind("acme")[0] == CHANGES


def test_a_chord_whose_worker_was_killed_is_sent_again_and_does_nothing_twice(watched, start, reported):
    worker = start("worker", env=ENV)
    with somebody_else() as locker, locker.transaction():
        locker.execute("SELECT id FROM acme.compliance_rule WHERE code = 'watch' FOR UPDATE")
        workflows.compliance_check("acme").apply_async()
        wait_until(lambda: left_behind("acme")[0] == CHANGES[:1], what="one check to end", process=worker)
        wait_until(lambda: statements(WAITING), what="another to wait", process=worker)
        worker.kill()
    start("worker", env=ENV)
    assert send_again() == (1, 2)
    assert left_behind("acme")[0] == CHANGES


@pytest.fixture
def reported(watched, monkeypatch):
    """A tenant that has taken what its monitor reported, and checked no rule."""
    monkeypatch.setenv(VARIABLE, TOKEN)
    watched("acme")
    with schema_context("acme"):
        begin_poll(business_date=EVE.date())


def send_again():
    """Send the chord and wait for it; return how many findings it opened, and how many are open."""
    summed_up = workflows.compliance_check("acme").apply_async().get(timeout=PATIENCE_S)
    return summed_up["opened"], summed_up["open"]
