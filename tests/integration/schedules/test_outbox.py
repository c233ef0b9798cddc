"""What leaves the system: once per key, not before its time, until it is accepted or not worth sending any more."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from django.db import connection, transaction

from common import clock
from common.tenancy import tenant_transaction
from schedules import outbox
from schedules.models import OutboxMessage
from tests.integration.schedules.threads import at_once
from tests.night import broker_client, wait_for_night
from tests.processes import wait_until
from tests.stage import FAST, at

MINUTE = timedelta(minutes=1)


class Receiver:
    """The other side: it accepts, refuses or takes its time, and remembers the keys it was given."""

    def __init__(self):
        self.keys = []
        self.payloads = []
        self.refuses = 0
        self.not_before = None
        self.may_answer = Event()
        self.may_answer.set()

    def __call__(self, key, payload):
        self.keys.append(key)
        self.payloads.append(payload)
        assert self.may_answer.wait(10)
        if self.refuses:
            self.refuses -= 1
            raise ConnectionError("mailbox full")
        return self.not_before


@pytest.fixture
def receiver(registered, make_tenant, monkeypatch):
    make_tenant("acme")
    at(3)
    receiver = Receiver()
    monkeypatch.setitem(outbox._deliverers, "letter", receiver)
    return receiver


def write(key, **options):
    with tenant_transaction("acme"):
        outbox.write(kind="letter", key=key, payload={"to": "Ann"}, **options)


def now():
    return clock.now()


def test_a_message_is_delivered_once(receiver):
    write("dunning-1")
    assert (outbox.relay(), outbox.relay()) == (1, 0)
    assert (receiver.keys, receiver.payloads) == (["dunning-1"], [{"to": "Ann"}])
    message = OutboxMessage.objects.get()
    assert (message.tenant.schema_name, message.payload, message.attempts, message.error) == (
        "acme",
        {"to": "Ann"},
        1,
        "",
    )
    assert message.accepted_at is not None


def test_the_same_key_again_is_the_same_message(receiver):
    write("dunning-1")
    outbox.relay()
    write("dunning-1")
    assert outbox.relay() == 0
    assert receiver.keys == ["dunning-1"]


def test_the_same_key_of_two_tenants_is_two_messages(receiver, make_tenant):
    make_tenant("beta")
    write("dunning-1")
    with tenant_transaction("beta"):
        outbox.write(kind="letter", key="dunning-1", payload={})
    assert outbox.relay() == 2


def test_a_message_of_a_rolled_back_body_never_was(receiver):
    with suppress(RuntimeError), tenant_transaction("acme"):
        outbox.write(kind="letter", key="dunning-1", payload={})
        raise RuntimeError("changed its mind")
    assert OutboxMessage.objects.count() == 0


def test_a_kind_that_nobody_delivers_is_refused_when_it_is_written(receiver):
    with (
        pytest.raises(outbox.UnknownKindError, match="No deliverer is registered for 'pigeon'"),
        tenant_transaction("acme"),
    ):
        outbox.write(kind="pigeon", key="1", payload={})


def test_a_message_stays_until_its_time(receiver):
    write("dunning-1", not_before=now() + 10 * MINUTE)
    assert outbox.relay() == 0
    clock.set_to(now() + 10 * MINUTE)
    assert outbox.relay() == 1


def test_a_message_that_expired_is_not_sent(receiver):
    write("dunning-1", expires_at=now() + 10 * MINUTE)
    clock.set_to(now() + 10 * MINUTE)
    assert outbox.relay() == 0
    message = OutboxMessage.objects.get()
    assert (receiver.keys, message.accepted_at, message.expired_at is None) == ([], None, False)


def test_a_refused_message_rests_longer_each_time_and_is_accepted_in_the_end(receiver):
    receiver.refuses = 3
    write("dunning-1")
    for minutes in (1, 2, 4):
        before = datetime.now(UTC)
        assert outbox.relay() == 0
        message = OutboxMessage.objects.get()
        assert message.error == "ConnectionError: mailbox full"
        assert before <= message.retry_at - minutes * MINUTE <= datetime.now(UTC)
        assert outbox.relay() == 0
        OutboxMessage.objects.update(retry_at=datetime.now(UTC))
    assert outbox.relay() == 1
    assert receiver.keys == ["dunning-1"] * 4
    assert OutboxMessage.objects.get().attempts == 4


def test_a_message_that_must_not_go_yet_waits_for_its_time_and_that_is_no_attempt(receiver):
    receiver.not_before = now() + 10 * MINUTE
    write("dunning-1")
    assert (outbox.relay(), outbox.relay()) == (0, 0)
    message = OutboxMessage.objects.get()
    assert (receiver.keys, message.attempts, message.not_before) == (["dunning-1"], 0, receiver.not_before)
    clock.set_to(now() + 10 * MINUTE)
    receiver.not_before = None
    assert (outbox.relay(), outbox.relay()) == (1, 0)
    assert receiver.keys == ["dunning-1"] * 2


def test_what_a_deliverer_wrote_before_it_failed_is_taken_back_and_its_message_rests(receiver, monkeypatch):
    def deliver(key, payload):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE tenants_tenant SET name = 'Spoilt'")
            cursor.execute("SELECT 1 / 0")

    monkeypatch.setitem(outbox._deliverers, "letter", deliver)
    write("dunning-1")
    assert outbox.relay() == 0
    message = OutboxMessage.objects.get()
    assert (message.attempts, message.error) == (1, "DataError: division by zero")
    assert message.tenant.name == "Acme"


def test_many_messages_are_written_at_once_each_with_its_own_times(receiver):
    messages = [outbox.Message(key=f"dunning-{number}", payload={"number": number}) for number in range(3)]
    late = outbox.Message(key="dunning-9", payload={}, not_before=now() + MINUTE, expires_at=now() + 2 * MINUTE)
    with tenant_transaction("acme"):
        outbox.write_all("letter", [*messages, late])
        outbox.write_all("letter", [messages[0]])
        outbox.write_all("letter", [])
    assert outbox.relay() == 3
    assert receiver.payloads == [{"number": number} for number in range(3)]
    message = OutboxMessage.objects.get(key="dunning-9")
    assert (message.not_before, message.expires_at) == (late.not_before, late.expires_at)


def test_one_refused_message_does_not_hold_up_the_others(receiver):
    receiver.refuses = 1
    write("dunning-1")
    write("dunning-2")
    assert outbox.relay() == 1
    assert receiver.keys == ["dunning-1", "dunning-2"]


def test_messages_go_in_the_order_of_their_times(receiver):
    for minutes in (3, 1, 2):
        write(f"dunning-{minutes}", not_before=now() - minutes * MINUTE)
    outbox.relay()
    assert receiver.keys == ["dunning-3", "dunning-2", "dunning-1"]


def test_two_relays_at_once_deliver_once(receiver):
    for number in range(20):
        write(f"dunning-{number}")
    assert sum(at_once(*[outbox.relay] * 3)) == 20
    assert sorted(receiver.keys) == sorted(f"dunning-{number}" for number in range(20))


def test_a_message_refused_by_one_relay_is_not_at_once_tried_by_another(receiver, monkeypatch):
    receiver.refuses = 1
    write("dunning-1")
    due = outbox._due

    def due_then_refused_by_another(*, limit):
        rows = due(limit=limit)
        if not receiver.keys:
            outbox._deliver(rows[0].id)
        return rows

    monkeypatch.setattr(outbox, "_due", due_then_refused_by_another)
    assert outbox.relay() == 0
    assert receiver.keys == ["dunning-1"]


def test_a_relay_that_dies_after_delivering_delivers_again_with_the_same_key(receiver):
    write("dunning-1")
    with suppress(RuntimeError), transaction.atomic():
        outbox._deliver(OutboxMessage.objects.get().pk)
        raise RuntimeError("died")
    assert outbox.relay() == 1
    assert receiver.keys == ["dunning-1"] * 2


def test_the_relay_is_woken_only_when_something_is_due(receiver):
    with broker_client() as broker:
        outbox.wake_relay()
        assert broker.llen("control") == 0
        write("dunning-1")
        outbox.wake_relay()
        assert broker.llen("control") == 1


def test_wake_ups_nobody_takes_do_not_pile_up(receiver):
    write("dunning-1")
    for _ in range(30):
        outbox.wake_relay()
    with broker_client() as broker:
        assert broker.llen("control") == 10


def test_beat_and_worker_deliver_what_a_job_wrote(registered, make_tenant, start, tmp_path):
    import tests.nightjobs.tasks  # noqa: F401 - registers the deliverer in this process, too.

    make_tenant("acme")
    at(1)
    start("beat", env=FAST)
    start("worker", env=FAST)
    wait_for_night(windows=1)
    with tenant_transaction("acme"):
        outbox.write(kind="file", key="letter-1", payload={"path": str(tmp_path / "letter"), "text": "Dear Ann"})
    wait_until(lambda: OutboxMessage.objects.filter(accepted_at__isnull=False).exists(), what="the delivery")
    assert (tmp_path / "letter").read_text() == "letter-1: Dear Ann\n"
