"""One dispatch by hand reaches every active tenant once, on the same ledger as the night."""

import pytest
from celery import current_app

from common.tasks import dispatch_to_all_tenants
from schedules.exceptions import BadDispatchError
from schedules.models import Run, Window
from schedules.publishing import RUN_HEADER
from tenants.services import close, suspend
from tests.integration.common.calling import written
from tests.night import effects, is_over, states, story, wait_for_night
from tests.nightjobs import isolation, orders
from tests.nightjobs.isolation import act, strict
from tests.nightjobs.tasks import first, left
from tests.processes import wait_until
from tests.stage import FAST, at


def run_all():
    """Do what a worker does with the messages of all runs that may start, in their order."""
    for run in Run.objects.filter(state="ready").order_by("id").select_related("tenant", "window"):
        task = current_app.tasks[run.window.task]
        task.apply([run.tenant.schema_name, *run.window.args], run.window.kwargs, headers={RUN_HEADER: run.pk})


class TestInThisProcess:
    def test_every_active_tenant_has_a_run_with_the_arguments(self, acme, beta):
        result = dispatch_to_all_tenants.apply([strict.name, 7], {"rate": "0.05"}, task_id="by-hand-1").get()
        run_all()
        assert result == {"window": "by-hand-1", "runs": 2}
        assert (written("acme"), written("beta")) == (["7 0.05"], ["7 0.05"])
        assert states() == {"succeeded": 2}
        assert [str(effect.business_date) for effect in effects("acme")] == ["2024-06-30"]

    def test_a_message_delivered_again_is_the_same_window(self, acme):
        results = [dispatch_to_all_tenants.apply([act.name], task_id="again").get() for _ in range(3)]
        run_all()
        assert results == [{"window": "again", "runs": 1}] * 3
        assert list(Window.objects.values_list("schedule", "key")) == [(f"adhoc:{act.name}", "again")]
        assert written("acme") == ["nothing"]

    def test_two_dispatches_are_two_windows_and_one_after_the_other(self, acme):
        keys = {dispatch_to_all_tenants(act.name)["window"] for _ in range(2)}
        assert len(keys) == 2
        assert states() == {"ready": 1, "waiting": 1}
        run_all()
        run_all()
        assert states() == {"succeeded": 2}
        assert written("acme") == ["nothing", "nothing"]

    @pytest.mark.parametrize(
        "name", ["no.such.task", "", "common.tasks.dispatch_to_all_tenants", isolation.no_tenants.name, "celery.group"]
    )
    def test_what_is_no_tenant_task_is_refused(self, acme, name):
        with pytest.raises(BadDispatchError, match="is not a registered tenant task; nothing was dispatched"):
            dispatch_to_all_tenants(name)
        assert Window.objects.count() == 0

    @pytest.mark.parametrize(
        ("name", "args", "kwargs"),
        [
            (act.name, (), {"no_such": 1}),
            (act.name, (1, 2, 3, 4), {}),
            (strict.name, (), {"schema_name": "acme"}),
            (isolation.gather.name, (), {}),
        ],
    )
    def test_what_no_run_could_be_called_with_is_refused_before_there_is_one(self, acme, name, args, kwargs):
        with pytest.raises(BadDispatchError, match="cannot be called so: "):
            dispatch_to_all_tenants(name, *args, **kwargs)
        assert Window.objects.count() == 0

    def test_suspended_tenants_are_skipped_and_closed_ones_left_out(self, acme, beta, make_tenant):
        make_tenant("gamma")
        suspend(schema_name="beta")
        close(schema_name="gamma")
        assert dispatch_to_all_tenants(act.name)["runs"] == 2
        run_all()
        runs = Run.objects.values_list("tenant__schema_name", "state", "reason").order_by("tenant_id")
        assert list(runs) == [("acme", "succeeded", ""), ("beta", "skipped", "tenant suspended")]
        assert isolation.starts == ["acme"]

    def test_a_tenant_of_today_takes_part_though_not_in_tonights_windows(self, registered, make_tenant):
        make_tenant("young")
        assert dispatch_to_all_tenants(act.name)["runs"] == 1

    def test_a_failed_run_stops_neither_the_next_dispatch_nor_the_night(self, acme):
        at(0, 30)
        dispatch_to_all_tenants(first.name)
        Run.objects.update(state="failed", reason="test")
        dispatch_to_all_tenants(first.name)
        at(1)
        dispatch_to_all_tenants(left.name)
        for _ in range(2):
            run_all()
        done = Run.objects.filter(state="succeeded").values_list("window__schedule", flat=True).order_by("id")
        assert list(done) == [f"adhoc:{first.name}", "daily-first", f"adhoc:{left.name}"]

    def test_a_books_task_stands_in_the_line_at_the_time_it_was_asked_for(self, acme):
        at(1, 30)
        dispatch_to_all_tenants(first.name)
        assert states() == {"ready": 1, "waiting": 1}  # daily-first, due at one, comes before it.
        at(2, 30)
        dispatch_to_all_tenants(left.name)  # Opens daily-second, due at two, which comes after it.
        for _ in range(3):
            run_all()
        order = [effect.schedule for effect in effects("acme") if effect.schedule != f"adhoc:{left.name}"]
        assert order[:3] == ["daily-first", f"adhoc:{first.name}", "daily-second"]

    def test_a_books_task_starts_at_once_where_nothing_is_before_it(self, acme):
        at(0, 30)
        dispatch_to_all_tenants(first.name)
        assert states() == {"ready": 1}

    def test_a_broker_that_is_away_delays_the_runs_and_refuses_nothing(self, acme, sandbox):
        sandbox.stop_broker()
        try:
            at(4)  # So that windows of the night are opened on the way, too.
            result = dispatch_to_all_tenants(act.name)
        finally:
            sandbox.start_broker()
        assert result["runs"] == 1
        assert Window.objects.count() == 5


class TestFromAWorker:
    def test_a_dispatch_runs_on_the_workers_and_answers(self, acme, beta, start):
        start("worker", "-I", isolation.__name__)
        result = dispatch_to_all_tenants.delay(strict.name, 7, rate="0.05").get(timeout=30)
        wait_for_night(windows=1)
        assert result["runs"] == 2
        assert Window.objects.get().key == result["window"]
        assert (written("acme"), written("beta")) == (["7 0.05"], ["7 0.05"])

    def test_a_refusal_reaches_the_caller_by_name(self, acme, start):
        start("worker")
        with pytest.raises(BadDispatchError, match=r"no\.such\.task"):
            dispatch_to_all_tenants.delay("no.such.task").get(timeout=30)

    def test_one_tenants_failure_is_retried_and_leaves_the_others_alone(self, acme, beta, start):
        orders.give("acme", "left", "start", "raise always")
        start("beat", env=FAST)
        start("worker", env=FAST)
        dispatch_to_all_tenants.delay(left.name)
        wait_until(lambda: is_over(1), what="the dispatch to end")
        ended = Run.objects.order_by("tenant_id").values_list("state", "failures", "reason")
        assert list(ended) == [("failed", 4, "RuntimeError: always"), ("succeeded", 0, "")], story()
