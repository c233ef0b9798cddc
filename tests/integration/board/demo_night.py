"""The demo's night at three o'clock: its tenants, borrowers and jobs, and one job that cannot be done for acme."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection
from django.test import override_settings

from board import actions
from board.access import Permission, Principal, Role
from common import clock
from loans.tape import tape_lines
from sandbox.demo import cast, nights
from schedules import registry
from schedules.exceptions import ScheduleError
from schedules.models import QuarantinedItem, Run
from schedules.opening import open_due
from tenants import services
from tests.night import work_through
from tests.stage import deploy

CATALOG = "schedules.catalog.CATALOG"
#: Of the demo's tenants and loans as many as make a night to look at.
TENANTS, LOANS = ("acme", "beta"), 30
NIGHTS = 2
THREE = time(3)
FAILING = "daily-interest-accrual"
TONIGHT = cast.EVE.date() + timedelta(days=NIGHTS)
OLGA = Principal(name="olga", role=Role.OPERATOR)


@contextmanager
def played() -> Iterator[Run]:
    """Play the demo's nights in this process up to three in the last one's morning; yield the run that failed."""
    with override_settings(MATINS_CATALOG=CATALOG, MATINS_RETRY_DELAYS_S=[0.0, 0.0, 0.0]):
        registry.catalog.cache_clear()
        deploy(registry.catalog(), at=cast.EVE)
        _let_in()
        for night in range(1, NIGHTS):
            _play(cast.EVE.date() + timedelta(days=night), until=time.max)
        with _a_rule_that_no_accrual_keeps():
            _play(TONIGHT, until=THREE)
            _try_again()
        yield Run.objects.get(window__schedule=FAILING, window__business_date=TONIGHT, tenant__schema_name="acme")
    registry.catalog.cache_clear()


def _let_in() -> None:
    header, *rows = tape_lines(rows=LOANS, seed=cast.SEED)
    for place, name in enumerate(TENANTS):
        services.onboard(schema_name=name, name=cast.TENANTS[name], enabled_at=cast.EVE)
        cast.board_one(name, [header, *rows[place :: len(TENANTS)]])
    dormant, name = cast.SUSPENDED
    services.onboard(schema_name=dormant, name=name, enabled_at=cast.EVE)
    services.suspend(schema_name=dormant)


def _play(night: date, *, until: time) -> None:
    """Step from due time to due time of one night, as the demo does, and let people pay once the night is over."""
    for due_at in nights.due_times(night):
        if due_at.time() <= until:
            clock.set_to(due_at)
            open_due()
            work_through()
    if until > nights.NOON:
        clock.set_to(datetime.combine(night, nights.NOON, UTC))
        for schema_name in TENANTS:
            nights.act(schema_name, night)


@contextmanager
def _a_rule_that_no_accrual_keeps() -> Iterator[None]:
    """Let Postgres refuse acme's accruals, as a mistaken deployment would."""
    alter = "ALTER TABLE acme.loans_accrual"
    with connection.cursor() as cursor:
        cursor.execute(f"{alter} ADD CONSTRAINT rate_is_known CHECK (false) NOT VALID")
        yield
        cursor.execute(f"{alter} DROP CONSTRAINT rate_is_known")


def _try_again() -> None:
    """Do what somebody on call did before: in vain, and refused. And leave out an item of beta's."""
    asked = {"schedule": FAILING, "first": TONIGHT, "tenants": ["acme"]}
    actions.perform(OLGA, actions.Request(action=Permission.RERUN, why="the database was away", **asked))
    work_through()
    with suppress(ScheduleError):
        actions.perform(OLGA, actions.Request(action=Permission.RERUN, **{**asked, "tenants": ["beta"]}))
    run = Run.objects.filter(tenant__schema_name="beta", state="succeeded").latest("pk")
    QuarantinedItem.objects.create(
        run=run, model="loans.loan", key="7", reason="no rate is in force", quarantined_at=clock.now()
    )
    Run.objects.filter(pk=run.pk).update(exceptions=1)
