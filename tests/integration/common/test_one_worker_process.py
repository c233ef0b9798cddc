"""One worker process, so one session for all: what one tenant's body does to it, the next one's does not see."""

import pytest
from celery.exceptions import SoftTimeLimitExceeded, TimeLimitExceeded, WorkerLostError
from django.conf import settings

from common.exceptions import (
    MissingSchemaNameError,
    OpenTransactionError,
    RollbackOnlyError,
    TenantNotActiveError,
    UnfinishedBlockError,
    WrongSchemaError,
)
from common.tasks import dispatch_to_all_tenants
from schedules.exceptions import UnknownRunError
from schedules.models import Run
from schedules.publishing import RUN_HEADER
from tenants.exceptions import UnknownTenantError
from tenants.services import suspend
from tests.integration.common.calling import elsewhere, written
from tests.night import story
from tests.nightjobs import isolation
from tests.nightjobs.isolation import act, hurried
from tests.processes import wait_until

PATIENCE_S = 30
#: Deeds that are not kept, with the name of the error that comes back, in an order that would betray a leftover.
BAD = [
    ("raise", RuntimeError),
    ("set", WrongSchemaError),
    ("set and raise", RuntimeError),
    ("set local", WrongSchemaError),
    ("set_config", WrongSchemaError),
    ("stay elsewhere", WrongSchemaError),
    ("write elsewhere", WrongSchemaError),
    ("doomed", RollbackOnlyError),
    ("call another", OpenTransactionError),
    ("caught without a savepoint", Exception),
    ("database error", Exception),
    ("roll back", WrongSchemaError),
]


@pytest.fixture
def only_process(acme, beta, start):
    """A worker of one process, connected as the app role."""
    return start("worker", "-I", isolation.__name__, concurrency=1)


def result_of(handle):
    return handle.get(timeout=PATIENCE_S)


def test_bodies_that_fail_leave_the_session_to_the_next_as_they_found_it(only_process):
    home = result_of(act.delay("acme"))
    for deed, error in BAD:
        with pytest.raises(error):
            result_of(act.delay("acme", deed, "beta"))
        at_beta = result_of(act.delay("beta"))
        assert (at_beta["schema"], at_beta["path"], at_beta["backend"]) == ("beta", "beta, public", home["backend"]), (
            deed
        )
    assert written("acme") == ["nothing"]
    assert written("beta") == ["nothing"] * len(BAD)
    assert home["role"] == settings.MATINS_APP_DB_USER


def test_bodies_that_do_strange_things_and_succeed_leave_nothing_behind_either(only_process):
    for deed in ("set back", "caught in a savepoint"):
        result_of(act.delay("acme", deed, "beta"))
        at_beta = result_of(act.delay("beta"))
        assert (at_beta["schema"], at_beta["path"]) == ("beta", "beta, public"), deed
    assert written("beta") == ["nothing", "nothing"]


def test_a_body_that_leaves_a_transaction_open_costs_its_session_and_nothing_else(only_process):
    first = result_of(act.delay("acme"))
    with pytest.raises(UnfinishedBlockError):
        result_of(act.delay("acme", "leave a block open"))
    second = result_of(act.delay("beta"))
    assert (second["schema"], second["process"]) == ("beta", first["process"])
    assert (written("acme"), written("beta")) == (["nothing"], ["nothing"])


def test_refusals_reach_the_caller_by_name_and_start_no_body(only_process, make_tenant):
    suspend(schema_name="beta")
    make_tenant("revoked")
    elsewhere(f"REVOKE USAGE ON SCHEMA revoked FROM {settings.MATINS_APP_DB_USER}")
    for name, error in {
        "ghost": UnknownTenantError,
        "public": UnknownTenantError,
        "acme; --": UnknownTenantError,
        "beta": TenantNotActiveError,
        "revoked": WrongSchemaError,
        7: MissingSchemaNameError,
    }.items():
        with pytest.raises(error):
            result_of(act.delay(name))
    with pytest.raises(UnknownRunError, match="Run 12345 is not one of"):
        result_of(act.apply_async(["acme"], headers={RUN_HEADER: 12345}))
    assert isolation.began() == []
    assert result_of(act.delay("acme"))["schema"] == "acme"


def test_a_session_that_is_ended_between_two_tasks_is_replaced(only_process):
    first = result_of(act.delay("acme"))
    elsewhere(f"SELECT pg_terminate_backend({first['backend']}, 5000)", role="app")
    second = result_of(act.delay("beta"))
    assert (second["schema"], second["process"]) == ("beta", first["process"])
    assert second["backend"] != first["backend"]


def test_a_body_that_ends_its_process_costs_nobody_else_anything(only_process):
    first = result_of(act.delay("acme"))
    with pytest.raises(WorkerLostError):
        result_of(act.delay("acme", "exit"))
    second = result_of(act.delay("beta"))
    assert second["schema"] == "beta"
    assert second["process"] != first["process"]
    assert written("acme") == ["nothing"]


@pytest.mark.parametrize("deed", ["sleep in Postgres", "sleep"])
def test_a_soft_time_limit_ends_the_body_and_its_statement_and_keeps_the_process(only_process, deed):
    first = result_of(act.delay("acme"))
    with pytest.raises(SoftTimeLimitExceeded):
        result_of(hurried.delay("acme", deed))
    second = result_of(act.delay("beta"))
    assert (second["schema"], second["process"]) == ("beta", first["process"])
    assert sleepers() == 0
    assert written("acme") == ["nothing"]


def test_a_hard_time_limit_ends_the_process_and_its_statement(only_process):
    first = result_of(act.delay("acme"))
    handle = hurried.delay("acme", "ignore the soft limit")
    wait_until(lambda: sleepers() == 1, what="the statement to begin")
    with pytest.raises(TimeLimitExceeded):
        result_of(handle)
    second = result_of(act.delay("beta"))
    assert second["schema"] == "beta"
    assert second["process"] != first["process"]
    wait_until(lambda: sleepers() == 0, what="the statement of a dead process to end")
    assert written("acme") == ["nothing"]


def test_a_run_that_meets_its_time_limit_is_counted_and_its_tenant_is_served_on(only_process):
    dispatch_to_all_tenants(hurried.name, "sleep in Postgres")
    wait_until(lambda: Run.objects.filter(failures=1).count() == 2, what="both runs to meet their limit")
    reason = "SoftTimeLimitExceeded: SoftTimeLimitExceeded()"
    assert set(Run.objects.values_list("state", "reason")) == {("waiting", reason)}, story()
    assert isolation.began() == ["acme", "beta"]
    assert (written("acme"), written("beta"), sleepers()) == ([], [], 0)
    assert result_of(act.delay("acme"))["schema"] == "acme"


def sleepers():
    """Return how many statements of the deeds Postgres is executing; only their own role may see them."""
    active = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'"
    return elsewhere(active, role="app")[0][0]
