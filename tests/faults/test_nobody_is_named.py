"""A whole night with planted people: nothing that is kept, sent or said beside the sealed columns names one of them."""

import logging
from datetime import date, timedelta

import pytest
import redis
from django.db import connection, transaction
from django_tenants.utils import schema_context
from msgspec.structs import replace

from common import clock
from config.celery import app
from loans.identity import Identity, sealed
from loans.models import Borrower
from payments.models import BankAccount
from schedules import outbox
from schedules.catalog import CATALOG
from schedules.models import OutboxMessage, QuarantinedItem, Run
from tests.conformance import history, nights, world

WHO = Identity(
    surname="Plantagenet",
    first_name="Ermengarde",
    ssn="900445566",
    birth_date=date(1973, 3, 4),
    phone="2025550177",
    email="ermengarde@plantagenet.example",
    address_1="77 Planted Row",
    city="Fresno",
    state="CA",
    zip="93650",
)
#: What is looked for; the account numbers of the world begin like this.
PLANTED = {"Plantagenet", "Ermengarde", "900445566", "plantagenet.example", "2025550177", "77 Planted Row", "00012345"}
#: Numbers that no document has to show: not even a tenant's own tables hold them in the clear.
NUMBERS = {"900445566", "00012345"}


@pytest.fixture
def planted(deployed):
    """A tenant whose borrowers are all the same person, one too little known to be reported, one with bad bank data."""
    deployed(CATALOG, at=world.EVE)
    nights.make_tenant("calm", enabled_at=world.EVE)
    with transaction.atomic(), schema_context("calm"):
        history.build()
        Borrower.objects.update(sealed_identity=sealed(WHO))
        known = Borrower.objects.filter(loan__number="LN-04")
        known.update(sealed_identity=sealed(replace(WHO, ssn="", birth_date=None)))
        BankAccount.objects.filter(borrower__reference="AUT-2").update(routing_number="021000022")


def rows(schema_name):
    """Yield every row of a schema's tables as text; sealed bytes are told in hexadecimal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema_name])
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT told::text FROM {schema_name}."{table}" told')
            yield from (f"{table}: {row}" for (row,) in cursor.fetchall())


def messages():
    """Yield what the broker and the result backend hold."""
    for url in (app.conf.broker_url, app.conf.result_backend):
        with redis.Redis.from_url(url) as client:
            yield from (client.dump(key).decode("latin-1") for key in client.scan_iter())


def naming(texts, planted):
    return [text[:200] for text in texts if any(each in text for each in planted)]


def test_a_night_names_nobody(planted, caplog):
    caplog.set_level(logging.DEBUG)
    nights.open_night(world.NIGHTS[0])
    nights.perform_all()
    clock.set_to(clock.now() + timedelta(hours=12))
    outbox.relay()
    assert nights.unfinished() == []
    assert QuarantinedItem.objects.exists()
    assert OutboxMessage.objects.exists()
    assert len(caplog.records) > Run.objects.count()
    assert naming([*caplog.text.splitlines(), *messages(), *rows("public")], PLANTED) == []
    assert naming(rows("calm"), NUMBERS) == []
