"""A broker that is away is known to be so within seconds, whatever keeps it away: nobody waits for ever."""

import threading

import pytest
from django.db import connections
from django.db.backends.signals import connection_created
from kombu.exceptions import OperationalError

from common.tasks import dispatch_to_all_tenants
from config.celery import app as ours
from schedules import broker
from schedules.beat import WindowScheduler
from schedules.exceptions import BrokerAwayError
from schedules.models import Run, Window
from schedules.opening import open_due
from tests.integration.common.brokers import AWAY, application, cutting
from tests.night import broker_client
from tests.nightjobs.isolation import act
from tests.stage import at

# Many times what it takes: the promise is that it ends.
PATIENCE_S = 60


def outcome(call):
    """Return what a call raised or returned in a thread of its own; fail if it never ends."""
    found = []

    def run():
        try:
            found.append(call())
        except Exception as error:
            found.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    assert found, "It never ends."
    return found[0]


@pytest.fixture(params=AWAY)
def away(request, night):
    """An application whose broker is away in each of the ways, less patient than that of production."""
    with AWAY[request.param]() as one, application(one, patience_s=0.5) as app:
        yield app


@pytest.fixture(params=AWAY)
def away_in_production(request, night):
    """The same with the timeouts of production."""
    with AWAY[request.param]() as one, application(one) as app:
        yield app


def as_current(app, call):
    """Return a call in whose thread the current application is this one."""

    def run():
        app.set_current()
        return call()

    return run


def nothing():
    """Be a task that is only sent."""


class TestSending:
    def test_a_task_that_is_sent_fails_in_bounded_time(self, away_in_production):
        task = away_in_production.task(nothing, shared=False, ignore_result=True)
        assert isinstance(outcome(task.delay), OperationalError)

    def test_a_task_whose_result_is_wanted_fails_in_bounded_time(self, away):
        task = away.task(nothing, shared=False)
        assert isinstance(outcome(task.delay), RuntimeError)  # So Celery calls a result backend that is away.

    def test_the_ledger_publishes_in_bounded_time_and_says_by_name_that_it_could_not(self, away_in_production):
        def publish():
            with broker.producer():
                raise AssertionError("It gave us a producer.")

        error = outcome(as_current(away_in_production, publish))
        assert isinstance(error, BrokerAwayError)
        assert str(error).startswith("The broker is away (OperationalError: ")

    @pytest.mark.parametrize("question", [broker.depths, broker.room])
    def test_questions_to_the_broker_end_in_bounded_time(self, away, question):
        assert isinstance(outcome(as_current(away, question)), BrokerAwayError)


class TestComingBack:
    def test_the_connection_of_a_broker_that_went_and_came_back_serves_again(self, night, sandbox):
        assert broker.depths().total() == 0
        sandbox.stop_broker()
        try:
            assert isinstance(outcome(as_current(ours, broker.depths)), BrokerAwayError)
        finally:
            sandbox.start_broker()
        assert broker.depths().total() == 0

    def test_a_message_whose_connection_dies_under_it_goes_over_a_new_one(self, acme, sandbox):
        at(1)
        cutting_once = cutting(sandbox.env["REDIS_URL"], b"LPUSH")
        with cutting_once as (server, url, cut), application(server, broker_url=url) as app:
            outcome(as_current(app, open_due))
        assert cut.is_set()
        with broker_client() as client:
            assert client.llen("money") == 1

    def test_our_own_mistakes_are_not_taken_for_an_outage(self, night):
        with pytest.raises(KeyError), broker.producer():
            raise KeyError("ours")


class TestTick:
    @pytest.fixture
    def beat(self, away):
        """A beat in this process, whose sessions are bounded no longer than it lives."""
        before = list(connection_created.receivers)
        yield WindowScheduler(app=away, lazy=True)
        connection_created.receivers = before

    def test_a_tick_opens_what_is_due_and_ends_while_the_broker_is_away(self, acme, away, beat):
        at(4)
        assert outcome(as_current(away, beat.tick)) == 1.0
        assert Window.objects.count() == 4
        assert Run.objects.filter(state="ready").count() == 2

    def test_a_dispatch_is_in_the_ledger_while_the_broker_is_away(self, acme, away):
        at(0, 30)
        result = outcome(as_current(away, lambda: dispatch_to_all_tenants(act.name)))
        assert result["runs"] == 1
        assert Run.objects.get().state == "ready"
