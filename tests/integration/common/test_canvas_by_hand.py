"""Canvas by hand: chains, groups and chords of tenant tasks, on a real worker and the real result backend."""

import pytest
from celery import chain, chord, group

from common.exceptions import TenantNotActiveError
from tenants.services import suspend
from tests.integration.common.calling import written
from tests.night import effects
from tests.nightjobs import isolation
from tests.nightjobs.isolation import act, gather, no_tenants, strict
from tests.nightjobs.tasks import first, picky, second, third
from tests.stage import at

PATIENCE_S = 60


@pytest.fixture
def working(acme, beta, start):
    """A worker of two processes, at half past midnight: nothing is due yet."""
    at(0, 30)
    return start("worker", "-I", isolation.__name__)


def result_of(canvas):
    return canvas.apply_async().get(timeout=PATIENCE_S)


def test_a_chain_runs_in_its_order_each_link_in_its_tenant(working):
    assert result_of(chain(first.si("acme"), second.si("acme"), third.si("acme"))) == {"rows": 1}
    rows = [(effect.schedule, effect.seen) for effect in effects("acme")]
    assert rows == [("by hand: first", 0), ("by hand: second", 1), ("by hand: third", 2)]
    assert written("beta") == []


def test_a_chain_for_a_date_of_the_past_passes_it_on_by_keyword(working):
    result_of(chain(job.si("acme", business_date="2024-06-20") for job in (first, second)))
    assert {str(effect.business_date) for effect in effects("acme")} == {"2024-06-20"}


def test_a_link_that_fails_ends_the_chain(working):
    with pytest.raises(RuntimeError, match="told to"):
        result_of(chain(act.si("acme", "nothing"), act.si("acme", "raise"), act.si("acme", "caught in a savepoint")))
    assert written("acme") == ["nothing"]


def test_a_group_runs_every_member_in_its_own_tenant(working):
    names = ["acme", "beta"] * 5
    assert [place["schema"] for place in result_of(group(act.si(name) for name in names))] == names
    assert (written("acme"), written("beta")) == (["nothing"] * 5, ["nothing"] * 5)


def test_one_member_that_is_refused_leaves_the_others_alone(working):
    suspend(schema_name="beta")
    results = group(act.si("acme"), act.si("beta"), act.si("acme")).apply_async()
    with pytest.raises(TenantNotActiveError):
        results.get(timeout=PATIENCE_S)
    results.get(timeout=PATIENCE_S, propagate=False)
    assert [result.state for result in results] == ["SUCCESS", "FAILURE", "SUCCESS"]
    assert (written("acme"), isolation.began()) == (["nothing", "nothing"], ["acme", "acme"])


def test_a_chords_callback_has_its_tenant_by_keyword_after_the_results(working):
    header = [act.si("acme"), act.si("beta"), act.si("acme")]
    assert result_of(chord(header, gather.s(schema_name="beta"))) == ["acme", "beta", "acme"]
    assert written("acme") == ["nothing", "nothing"]
    assert sorted(written("beta")) == ["gather", "nothing"]
    assert [effect.seen for effect in effects("beta") if effect.schedule == "gather"] == [3]


def test_a_chord_whose_header_fails_calls_nobody_back(working):
    with pytest.raises(Exception, match="told to"):
        result_of(chord([act.si("acme"), act.si("acme", "raise")], gather.s(schema_name="beta")))
    assert written("beta") == []


def test_canvas_of_canvas(working):
    header = group(chain(act.si(name), act.si(name)) for name in ("acme", "beta"))
    canvas = chain(chord(header, gather.s(schema_name="acme")), no_tenants.s())
    assert result_of(canvas) == ["acme", "beta"]
    assert (written("acme"), written("beta")) == (["nothing", "nothing", "gather"], ["nothing", "nothing"])


def test_a_result_may_go_to_the_next_link_behind_its_tenant(working):
    canvas = chain(no_tenants.s("2024-06-03"), strict.s(schema_name="acme", portfolio=7))
    with pytest.raises(TypeError):  # A result comes first, where `strict` has its tenant.
        result_of(canvas)
    assert isolation.began() == []


def test_what_a_member_left_out_is_told_with_its_result(working):
    result = result_of(picky.si("acme"))
    left_out = {"model": "nightjobs.Effect", "key": "bad", "reason": "told to be bad"}
    assert result == {"rows": 1, "quarantined": [left_out]}
