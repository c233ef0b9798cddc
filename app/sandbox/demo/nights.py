"""The demo's nights: the clock steps from due time to due time, and two nights are disturbed."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sandbox.demo import borrowers, office
from sandbox.demo.cast import EVE, NIGHTS, TENANTS
from sandbox.demo.platform import Platform, start_worker
from sandbox.demo.screen import console, wait_for

KILL_ON, FLUSH_ON = 10, 20
#: When the job is due that is disturbed.
ACCRUAL_AT = time(2)
NOON = time(12)
#: Past eight in Honolulu, and not nine in the evening yet in New York: the hours in which borrowers may be disturbed.
EVERYWHERE_DAY = time(18, 30)


def run(platform: Platform) -> None:
    """Run all nights, with a progress bar."""
    columns = (TextColumn("[bold]{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("nights", total=NIGHTS)
        for night in range(1, NIGHTS + 1):
            business_date = EVE.date() + timedelta(days=night)
            bar.update(task, description=f"night of {business_date}")
            _one_night(platform, night, business_date, bar.console)
            bar.advance(task)


def _one_night(platform: Platform, night: int, business_date: date, out: Console) -> None:
    disturbance = {KILL_ON: _kill_worker, FLUSH_ON: _flush_broker}.get(night, _leave_alone)
    for due_at in due_times(business_date):
        with disturbance(platform, out) if due_at.time() == ACCRUAL_AT else nullcontext():
            _step_to(due_at)
        _wait_until_done(due_at)
    _day(business_date)


def _day(business_date: date) -> None:
    """Let the day come after the night: borrowers pay, people work their cases, and what is to leave leaves."""
    _step_to(datetime.combine(business_date, NOON, UTC))
    for schema_name in TENANTS:
        act(schema_name, business_date)
    _step_to(datetime.combine(business_date, EVERYWHERE_DAY, UTC))
    wait_for("the outbox to be empty", lambda: not _waiting_to_leave())


def act(schema_name: str, business_date: date) -> None:
    """Do what people do about a tenant at noon."""
    from common.books import books_transaction

    with books_transaction(schema_name):
        borrowers.pay(business_date)
        office.work(business_date)


def due_times(business_date: date) -> Sequence[datetime]:
    """Return when something of a night is due. What is due every hour is stepped over by day."""
    from schedules.registry import catalog

    due = {schedule.due_on(business_date) for schedule in catalog() if schedule.is_dated}
    return sorted(moment for moment in due if moment is not None)


def _waiting_to_leave() -> int:
    from common import clock
    from schedules.models import OutboxMessage

    due = OutboxMessage.objects.filter(accepted_at=None, not_before__lte=clock.now())
    return due.exclude(expires_at__lt=clock.now()).count()


def _step_to(moment: datetime) -> None:
    from common import clock

    clock.set_to(moment)


@contextmanager
def _leave_alone(*_: Any) -> Iterator[None]:
    yield


@contextmanager
def _kill_worker(platform: Platform, out: Console) -> Iterator[None]:
    """Kill the worker in the middle of a body, which a lock on its table holds up for the moment it takes."""
    from django.db import transaction

    with transaction.atomic():
        _lock_accruals("acme")
        yield
        wait_for("acme's run to be under way", lambda: _runs(state="running", tenant__schema_name="acme") > 0)
        platform.kill("worker")
    out.print("  [red]SIGKILL[/] to the worker in the middle of acme's accrual; another worker starts.")
    start_worker(platform)


def _lock_accruals(schema_name: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {schema_name}.loans_accrual IN ACCESS EXCLUSIVE MODE")


@contextmanager
def _flush_broker(platform: Platform, out: Console) -> Iterator[None]:
    """Freeze the worker, let beat publish, and throw the messages away."""
    import redis
    from celery import current_app

    with redis.Redis.from_url(current_app.conf.broker_url) as client:
        platform.signal("worker", signal.SIGSTOP)
        yield
        wait_for("messages in the broker", lambda: client.llen("money") > 0)
        lost = client.llen("money")
        client.flushdb()
        platform.signal("worker", signal.SIGCONT)
    out.print(f"  [red]FLUSHDB[/] on the broker with {lost} messages in it; the ledger sends them again.")


def _runs(**conditions: Any) -> int:
    from schedules.models import Run

    return Run.objects.filter(**conditions).count()


def _wait_until_done(due_at: datetime) -> None:
    from schedules.models import Window

    def done() -> bool:
        opened = Window.objects.filter(due_at=due_at).exists()
        return opened and not _runs(state__in=["waiting", "ready", "running"])

    wait_for(f"the windows due {due_at:%F %H:%M}", done)
