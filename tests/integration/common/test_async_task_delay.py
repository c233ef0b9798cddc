"""A task sent from async code is sent, or known not to be, and the event loop never waits for it."""

import asyncio
import gc
import json
import os
import subprocess
import sys
import threading
from contextlib import ExitStack

import pytest
from celery import current_app
from django.core.exceptions import SynchronousOnlyOperation
from django.http import JsonResponse
from django.test import AsyncClient, override_settings
from django.urls import path
from kombu.exceptions import EncodeError, OperationalError

from common import sending
from common.exceptions import NotSentError
from common.tasks import async_task_delay
from tests.integration.common.brokers import AWAY, application, callers, silent, url
from tests.integration.common.calling import elsewhere, written
from tests.nightjobs import isolation
from tests.nightjobs.isolation import act, asynchronous, no_tenants
from tests.processes import APP

PATIENCE_S = 60


async def view(request):
    """Dispatch, as any async view may."""
    result = await async_task_delay(act, request.GET["tenant"])
    return JsonResponse({"id": result.id})


urlpatterns = [path("dispatch", view)]


def nothing():
    """Be a task that is only sent."""


def send(task, *args, **kwargs):
    """Dispatch from a coroutine of a fresh loop; fail if that never ends."""
    return asyncio.run(asyncio.wait_for(async_task_delay(task, *args, **kwargs), PATIENCE_S))


@pytest.fixture
def eager(monkeypatch):
    """Tasks that run where they are sent."""
    monkeypatch.setitem(current_app.conf.changes, "task_always_eager", True)
    assert current_app.conf.task_always_eager


class TestSent:
    def test_from_a_coroutine(self, acme, start):
        start("worker", "-I", isolation.__name__)
        assert send(act, "acme").get(timeout=30)["schema"] == "acme"
        assert written("acme") == ["nothing"]

    @override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[])
    def test_from_an_async_view(self, acme, start):
        start("worker", "-I", isolation.__name__)
        response = asyncio.run(AsyncClient().get("/dispatch", {"tenant": "acme"}))
        assert response.status_code == 200
        assert act.AsyncResult(response.json()["id"]).get(timeout=30)["schema"] == "acme"

    def test_with_its_arguments_and_a_result_that_is_stored_and_told(self, night, start):
        start("worker", "-I", isolation.__name__)
        assert send(no_tenants, value={"any": ["JSON"]}).get(timeout=30) == {"any": ["JSON"]}

    def test_without_a_result_where_the_task_keeps_none(self, night, monkeypatch):
        monkeypatch.setattr(no_tenants, "ignore_result", True)
        assert send(no_tenants).ignored
        assert not send(act, "acme").ignored

    def test_arguments_that_do_not_fit_are_refused_at_once(self, night):
        with pytest.raises(TypeError):
            send(act)

    def test_what_cannot_be_a_message_is_refused_at_once(self, night):
        with pytest.raises(EncodeError, match="JSON serializable"):
            send(no_tenants, value=object())

    def test_with_the_callers_context(self, night, monkeypatch):
        from contextvars import ContextVar

        trace = ContextVar("trace", default="none")
        seen = []
        monkeypatch.setattr(sending, "_publish", lambda *_: seen.append(trace.get()))

        async def traced():
            trace.set("of the request")
            await async_task_delay(act, "acme")

        asyncio.run(traced())
        assert seen == ["of the request"]


class TestBrokerAway:
    @pytest.mark.parametrize("how", AWAY)
    def test_the_error_has_a_name_and_says_what_to_do(self, night, how):
        with (
            AWAY[how]() as broker,
            application(broker) as app,
            pytest.raises(NotSentError, match=r"was not sent: the broker is away \(.+\)\. Send it again") as raised,
        ):
            send(app.task(nothing, shared=False))
        assert isinstance(raised.value, OperationalError)

    def test_a_result_backend_that_is_away_stops_no_dispatch(self, night):
        with silent() as away, application(away, broker_url=current_app.conf.broker_url) as app:
            result = send(app.task(nothing, shared=False))
            assert callers(away) == 0
            del result
            gc.collect()
            assert callers(away) == 0

    def test_a_crowd_waits_as_long_as_one_and_leaves_other_threads_to_others(self, night):
        async def crowd(task):
            sent = [asyncio.create_task(async_task_delay(task)) for _ in range(40)]
            await asyncio.sleep(0)
            assert await asyncio.to_thread(lambda: "free") == "free"
            assert not any(one.done() for one in sent)
            return await asyncio.gather(*sent, return_exceptions=True)

        with silent() as broker, application(broker, patience_s=1.0) as app:
            errors = asyncio.run(asyncio.wait_for(crowd(app.task(nothing, shared=False)), PATIENCE_S))
            assert {type(error) for error in errors} == {NotSentError}
            assert callers(broker) <= 2 * sending.SENDERS  # Not forty.

    def test_whoever_asks_after_it_is_back_is_not_told_of_the_outage(self, night):
        with AWAY["refusing"]() as broker, application(broker) as app, pytest.raises(NotSentError):
            send(app.task(nothing, shared=False))
        assert send(act, "acme").id


class TestForks:
    def test_a_forked_process_has_threads_of_its_own(self, night):
        """Those of its parent did not come along, and whatever were given to them would wait for ever."""
        of_the_parent = sending._senders()
        child = os.fork()
        if child == 0:
            os._exit(int(sending._senders() is of_the_parent))
        assert os.waitpid(child, 0)[1] == 0
        assert sending._senders() is of_the_parent


class TestEager:
    def test_a_body_that_uses_the_database_runs_in_a_thread(self, acme, eager):
        result = send(act, "acme")
        assert result.get()["schema"] == "acme"
        assert written("acme") == ["nothing"]

    def test_which_in_the_loop_itself_it_could_not(self, acme, eager):
        async def without_us():
            return act.delay("acme")

        assert isinstance(asyncio.run(without_us()).result, SynchronousOnlyOperation)

    def test_a_body_that_runs_a_loop_of_its_own(self, acme, eager):
        assert send(asynchronous, "acme").get() == 0

    def test_bodies_that_wait_for_bodies_never_run_out_of_threads(self, acme, eager, monkeypatch):
        # Nested further than any pool of threads is large; each holds its tenant's transaction meanwhile.
        depth = 12

        async def several():
            return await asyncio.gather(*(async_task_delay(asynchronous, "acme", depth=depth) for _ in range(3)))

        results = asyncio.run(asyncio.wait_for(several(), PATIENCE_S))
        assert [result.get() for result in results] == [depth] * 3

    def test_a_body_that_fails_fails_as_it_does_elsewhere(self, acme, eager):
        result = send(act, "acme", "raise")
        with pytest.raises(RuntimeError, match="told to"):
            result.get()

    def test_the_threads_sessions_and_the_threads_end_with_the_bodies(self, acme, eager):
        before = sessions()
        for _ in range(5):
            send(act, "acme")
        assert sessions() == before
        assert [thread.name for thread in threading.enumerate() if thread.name.startswith("matins-eager")] == []

    def test_no_broker_is_needed(self, acme, eager, sandbox):
        sandbox.stop_broker()
        try:
            assert send(act, "acme").get()["schema"] == "acme"
        finally:
            sandbox.start_broker()


def sessions():
    """Return how many sessions of this database's owner Postgres has, but for the one that asks."""
    return elsewhere("SELECT count(*) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()")


class TestLoop:
    """The event loop is never kept for more than 5 ms; see `loop_probe` for how that is told from a busy machine."""

    WORK_MS = 5.0
    #: Half of IMPATIENT's timeout: whoever waited in the loop for a broker that is away would wait for all of it.
    WAIT_MS = 100.0
    PROCESSES = 25
    #: Timeouts so short that a black hole is soon left; how long it takes is another test's.
    IMPATIENT = {
        "CELERY_BROKER_TRANSPORT_OPTIONS": json.dumps({"socket_timeout": 0.2, "socket_connect_timeout": 0.2}),
        "CELERY_REDIS_SOCKET_TIMEOUT": "0.2",
    }

    @pytest.mark.parametrize(
        ("env", "errors"),
        [
            pytest.param({}, [], id="broker there"),
            pytest.param({"REDIS_URL": "refusing"}, ["NotSentError"], id="broker refusing"),
            pytest.param({"REDIS_URL": "silent"}, ["NotSentError"], id="broker silent"),
            pytest.param({"REDIS_URL": "unreachable"}, ["NotSentError"], id="broker unreachable"),
            pytest.param({"REDIS_RESULT_URL": "silent"}, [], id="results silent"),
        ],
    )
    def test_it_goes_on_while_tasks_are_sent(self, acme, process_env, env, errors):
        with ExitStack() as stack:
            away = {name: url(stack.enter_context(AWAY[how]())) for name, how in env.items()}
            told = self.probe({**process_env, **self.IMPATIENT, **away}, crowd=30)
        assert told.pop("errors") == errors
        self.assert_kept_for_less(told)

    def test_it_goes_on_while_bodies_run(self, acme, process_env):
        told = self.probe({**process_env, "CELERY_TASK_ALWAYS_EAGER": "1"}, crowd=1)
        assert told.pop("errors") == []
        self.assert_kept_for_less(told)

    def assert_kept_for_less(self, told):
        assert {part: excess for part, excess in told["work"].items() if excess > self.WORK_MS} == {}
        assert {part: excess for part, excess in told["wait"].items() if excess > self.WAIT_MS} == {}

    def probe(self, env, crowd):
        """Return what fresh processes tell."""
        arguments = [act.name, "acme", str(crowd), str(self.WORK_MS), str(self.WAIT_MS), str(self.PROCESSES)]
        command = [sys.executable, "-m", "tests.integration.common.loop_probe", *arguments]
        env = {**env, "PYTHONPATH": f"{APP}:{APP.parent}"}
        done = subprocess.run(command, env=env, cwd=APP, capture_output=True, text=True, timeout=200, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
