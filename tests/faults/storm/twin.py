"""What every tenant must end with: the same days of a tenant like it, done again undisturbed and without the ledger."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from django.apps import apps
from django.db import connection
from django.utils.module_loading import import_string
from django_tenants.utils import schema_context

from common import clock
from common.books import books_transaction
from common.checksum import checksums
from common.checksum import said as row_of
from common.context import RunContext, running
from common.rehearsal import in_one_go
from schedules import outbox
from schedules.models import OutboxMessage
from schedules.registry import catalog
from tests.conformance import nights
from tests.conformance.world import EVE
from tests.faults.storm import people
from tests.faults.storm.plan import DAY, EVERYWHERE_DAY, NOON, at, due_times
from tests.faults.storm.stage import NEVER, PRISTINE


def name_of(script):
    """Return the schema name of a script's twin."""
    return f"twin_{script}"


def live(plan, script, days, *, advance):
    """Live through the days of a script in its twin, which takes part in no night of its own.

    Args:
        plan: the storm.
        script: which of its scripts.
        days: the nights there were.
        advance: called after every day.
    """
    twin = name_of(script)
    clock.set_to(EVE)
    nights.make_tenant(twin, like=PRISTINE, enabled_at=NEVER)
    missed = []
    for day in days:
        missed.append(day)
        if not plan.is_away(script, day):
            _replay_nights(twin, missed)
        clock.set_to(at(day, NOON))
        if not plan.is_away(script, day + DAY):
            _replay_nights(twin, missed)
        if not plan.is_still_away(script, day):
            _replay(twin, at(day, NOON))
            for payment in plan.payments(script, day):
                people.pay(twin, payment, day=day)
        clock.set_to(at(day, EVERYWHERE_DAY))
        _let_leave()
        advance()
    _replay_nights(twin, missed)
    _let_leave()


def said(schema_name) -> Mapping[str, tuple]:
    """Return what a tenant's tables say, as (rows, checksum) by label, and how many messages of a kind it wrote."""
    with schema_context(schema_name):
        told = dict(checksums())
    for kind in OutboxMessage.objects.filter(tenant__schema_name=schema_name).values_list("kind", flat=True):
        rows, _ = told.get(f"outbox {kind}", (0, None))
        told[f"outbox {kind}"] = rows + 1, None
    return told


def differences(one, other):
    """Return in words where two tenants' books differ, with a row of each that the other does not have."""
    found, expected = said(one), said(other)
    labels = [label for label in sorted(found.keys() | expected) if found.get(label) != expected.get(label)]
    return [f"{label}: {_examples(label, one, other)}" for label in labels]


def _examples(label, *schema_names):
    here, there = (_rows(label, name) for name in schema_names)
    only = [min(rows.elements(), default="nothing") for rows in (here - there, there - here)]
    return f"{only[0]!r} where its twin has {only[1]!r}"


def _rows(label, schema_name):
    """Return a table's rows in words, or how many messages of a kind there are."""
    if label.startswith("outbox "):
        return Counter([str(said(schema_name).get(label, (0, None))[0])])
    with schema_context(schema_name), connection.cursor() as cursor:
        cursor.execute(row_of(apps.get_model(label)))
        return Counter(row for (row,) in cursor.fetchall())


def _replay_nights(twin, missed):
    """Do nights one after the other, each job in due order, and take them off the list."""
    for day in missed:
        for due_at in due_times(day):
            if day == missed[-1] and clock.now() < due_at:
                clock.set_to(due_at)
            _replay(twin, due_at)
    missed.clear()


def _replay(twin, due_at):
    for schedule in catalog():
        if due_at in schedule.occurrences(due_at - timedelta(minutes=1), due_at):
            with books_transaction(twin), running(_run(schedule.name, due_at)):
                in_one_go(import_string(schedule.task), twin, business_date=due_at.date())
    _let_leave()


def _run(schedule, due_at):
    """Return what a body knows of its run; the ids are in no row that is compared."""
    return RunContext(run_id=0, window_id=0, schedule=schedule, due_at=due_at, business_date=due_at.date())


def _let_leave():
    while outbox.relay():
        pass
