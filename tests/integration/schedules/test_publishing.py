"""The messages that wake workers: what is in them, how many there are at most, and in what order they come."""

import json
from base64 import b64decode
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from celery import current_app
from django.test import override_settings
from kombu import Connection

from schedules import broker, release
from schedules.catalog import Catalog
from schedules.models import Run
from schedules.opening import open_due
from schedules.publishing import Wakeup, publish
from schedules.reconcile import forget_lost_messages
from tests.integration.schedules.threads import at_once
from tests.night import broker_client, effects, wait_for_night, work
from tests.nightjobs import tasks
from tests.nightjobs.catalog import FIRST, schedule
from tests.stage import utc

QUEUES = ("control", "money", "casework", "documents")
#: What an ordinary call writes for its sender's own use, and what is a new random id in every message.
SENDERS = {"argsrepr", "kwargsrepr", "reply_to"}
IDS = {"id", "root_id", "correlation_id", "delivery_tag"}


def taken(queue):
    """Return a queue's messages in the order a worker takes them, and remove them."""
    with broker_client() as client:
        messages = [json.loads(message) for message in reversed(client.lrange(queue, 0, -1))]
        client.delete(queue)
    return messages


def bodies(queue):
    return [(message["headers"]["matins_run"], json.loads(b64decode(message["body"]))) for message in taken(queue)]


def woken(queue):
    """Return the runs that a queue's messages wake, in their order."""
    runs = Run.objects.select_related("window", "tenant").in_bulk()
    return [runs[run_id] for run_id, _ in bodies(queue)]


def flat(message, at=""):
    """Return every field of a message by its path."""
    if not isinstance(message, dict):
        return {at: message}
    return {path: value for key, inner in message.items() for path, value in flat(inner, f"{at}/{key}").items()}


def test_a_template_message_equals_an_ordinary_one_field_by_field(night):
    tasks.note.apply_async(
        ["acme", "é %d", 7], {"more": "100 %"}, queue="money", ignore_result=True, headers={"matins_run": 42}
    )
    publish(
        [
            Wakeup(
                run_id=42,
                schema_name="acme",
                task="tests.nightjobs.tasks.note",
                queue="money",
                args=["é %d", 7],
                kwargs={"more": "100 %"},
            )
        ]
    )
    ordinary, ours = taken("money")
    assert json.loads(b64decode(ours.pop("body"))) == json.loads(b64decode(ordinary.pop("body")))
    ordinary, ours = flat(ordinary), flat(ours)
    assert ours.keys() == ordinary.keys()
    different = {path.rsplit("/", 1)[1] for path in ours if ours[path] != ordinary[path]}
    assert different <= SENDERS | IDS
    assert ours["/headers/id"] == ours["/headers/root_id"] == ours["/properties/correlation_id"]
    assert ours["/headers/matins_run"] == 42


def test_every_message_has_ids_of_its_own(night):
    wakeups = [
        Wakeup(run_id=n, schema_name=f"t{n}", task="tests.nightjobs.tasks.first", queue="money") for n in range(2500)
    ]
    publish(wakeups)
    messages = taken("money")
    assert [message["headers"]["matins_run"] for message in messages] == list(range(2500))
    assert [json.loads(b64decode(message["body"]))[0] for message in messages] == [[f"t{n}"] for n in range(2500)]
    assert len({message["headers"]["id"] for message in messages}) == 2500
    assert len({message["properties"]["delivery_tag"] for message in messages}) == 2500


def test_a_worker_runs_template_messages_with_their_arguments(registered, make_tenant, start):
    from common.tasks import dispatch_to_all_tenants

    for schema_name in ("acme", "beta"):
        make_tenant(schema_name, enabled_at=datetime(2024, 6, 1, tzinfo=UTC))
    start("worker")
    dispatch_to_all_tenants.apply(["tests.nightjobs.tasks.note", 'é %(id)s "'], {"more": "\\ 100 %"})
    wait_for_night(windows=1)
    assert [row.item for schema_name in ("acme", "beta") for row in effects(schema_name)] == ['é %(id)s "\\ 100 %'] * 2


def test_another_transport_gets_the_same_messages_through_its_own_publisher(night, monkeypatch):
    wakeups = [
        Wakeup(run_id=n, schema_name=f"t{n}", task="tests.nightjobs.tasks.note", queue="money", args=["é"])
        for n in (1, 2)
    ]
    with Connection("memory://") as connection:

        @contextmanager
        def producer():
            yield current_app.amqp.Producer(connection)

        monkeypatch.setattr(broker, "producer", producer)
        publish(wakeups)
        queue = connection.SimpleQueue(current_app.amqp.queues["money"])
        messages = [queue.get(timeout=1) for _ in wakeups]
        queue.close()
    assert [message.headers["matins_run"] for message in messages] == [1, 2]
    assert [message.payload[0] for message in messages] == [["t1", "é"], ["t2", "é"]]
    assert all(message.headers["ignore_result"] for message in messages)


# --- how many -------------------------------------------------------------------------------------------------------


def published(queue="money"):
    return Run.objects.filter(window__queue=queue, state="ready", published_at__isnull=False).count()


@pytest.fixture
def three_at_most():
    with override_settings(MATINS_PUBLISHED_PER_QUEUE=3):
        yield 3


def test_no_more_runs_are_published_than_the_bound(deployed, make_tenant, three_at_most):
    deployed(Catalog((FIRST, schedule("daily-left", "0 1 * * *"), schedule("daily-right", "0 1 * * *"))))
    for letter in "abcd":
        make_tenant(f"tenant_{letter}")
    assert open_due(utc(1, 1)).published == 3
    assert len(taken("money")) == published() == 3
    assert release.refill("money") == 0
    for expected in (12 - 1, 12 - 2):
        work(Run.objects.filter(published_at__isnull=False).first())
        assert (release.refill("money"), published()) == (1, 3)
        assert Run.objects.filter(state="ready").count() == expected
    assert len(taken("money")) == 2


def test_finishing_a_run_publishes_no_more_than_the_bound_either(deployed, make_tenant, three_at_most):
    many = [schedule("daily-left", "0 1 * * *")]
    many += [
        schedule(f"daily-{n}", "0 1 * * *", task="tests.nightjobs.tasks.right", after=("daily-left",)) for n in range(8)
    ]
    deployed(Catalog(tuple(many)))
    make_tenant("acme")
    open_due(utc(1, 1))
    work(Run.objects.get(window__schedule="daily-left"))
    assert published() <= 3


def test_two_refills_at_once_stay_within_the_bound(deployed, make_tenant, three_at_most):
    deployed(Catalog((FIRST, schedule("daily-left", "0 1 * * *"), schedule("daily-right", "0 1 * * *"))))
    for letter in "abcd":
        make_tenant(f"tenant_{letter}")
    open_due(utc(1, 1))
    Run.objects.update(published_at=None)
    at_once(*[lambda: release.refill("money")] * 4)
    assert published() == 3


# --- in what order --------------------------------------------------------------------------------------------------

OLD = schedule("daily-left", "0 1 * * *")
LIVE = schedule("daily-right", "0 12 * * *")


def test_what_is_due_now_is_published_before_what_is_caught_up(deployed, make_tenant, three_at_most):
    deployed(Catalog((OLD, LIVE)))
    for letter in "abc":
        make_tenant(f"tenant_{letter}")
    open_due(utc(1, 12))
    release.refill_all()
    assert [run.window.schedule for run in woken("money")] == ["daily-right"] * 3
    Run.objects.filter(window__schedule="daily-right").update(state="succeeded")
    release.refill_all()
    assert [run.window.schedule for run in woken("money")] == ["daily-left"] * 3


def test_messages_come_in_due_order_whatever_their_tasks_are_called(deployed, make_tenant):
    deployed(Catalog((schedule("daily-right", "0 1 * * *"), schedule("daily-left", "0 2 * * *"))))
    make_tenant("acme")
    make_tenant("beta")
    open_due(utc(1, 3))
    taken("money")
    Run.objects.update(published_at=None)
    release.refill_all()
    assert [run.window.schedule for run in woken("money")] == ["daily-right"] * 2 + ["daily-left"] * 2


def test_the_children_of_several_tenants_take_turns(deployed, make_tenant):
    deployed(Catalog((schedule("daily-parent", "0 3 * * *"),)))
    for schema_name in ("acme", "beta"):
        make_tenant(schema_name)
    open_due(utc(1, 3))
    for run in Run.objects.all():
        work(run)
    taken("money")
    Run.objects.update(published_at=None)
    release.refill_all()
    turns = [(run.item, run.tenant.schema_name) for run in woken("money")]
    assert turns == [(item, tenant) for item in "abc" for tenant in ("acme", "beta")]


# --- lost ones ------------------------------------------------------------------------------------------------------


def test_as_many_runs_are_published_again_as_messages_were_lost(deployed, make_tenant):
    deployed(Catalog((FIRST, OLD)))
    for letter in "abc":
        make_tenant(f"tenant_{letter}")
    open_due(utc(1, 1))
    Run.objects.update(published_at=datetime.now(UTC) - timedelta(seconds=5))
    with broker_client() as client:
        client.rpop("money", 2)
    assert forget_lost_messages() == 2
    assert published() == 4
    assert release.refill("money") == 2
    with broker_client() as client:
        assert client.llen("money") == 6


def test_a_message_that_only_waits_is_not_sent_again(deployed, make_tenant):
    deployed(Catalog((FIRST,)))
    make_tenant("acme")
    open_due(utc(1, 1))
    Run.objects.update(published_at=datetime.now(UTC) - timedelta(hours=1))
    assert forget_lost_messages() == 0


def test_a_message_just_taken_is_not_sent_again_and_one_held_too_long_is(deployed, make_tenant):
    deployed(Catalog((FIRST,)))
    make_tenant("acme")
    open_due(utc(1, 1))
    Run.objects.update(published_at=datetime.now(UTC) - timedelta(seconds=30))
    with broker_client() as client:
        message = client.rpop("money")
        now = datetime.now(UTC).timestamp()
        client.hset("unacked", "tag", json.dumps([json.loads(message), "money", "money"]))
        client.zadd("unacked_index", {"tag": now})
        assert forget_lost_messages() == 0
        client.zadd("unacked_index", {"tag": now - 11})
    assert forget_lost_messages() == 1
