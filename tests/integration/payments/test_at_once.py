"""Two who post at once: one after the other, or told to try again; never half of each."""

import os
import threading
from datetime import UTC, datetime
from decimal import Decimal

import psycopg
import pytest
from django.db import connection

from common import books, clock, tenancy
from common.books import books_transaction
from common.exceptions import BooksBusyError
from common.tenancy import tenant_transaction
from loans.models import Transaction
from loans.services import accrue_interest
from payments.models import Payment
from payments.services import post_payment
from tests.integration.payments.money import assert_tied, lend, on, owed
from tests.processes import wait_until

FEB_1 = datetime(2024, 2, 1, 12, tzinfo=UTC)


@pytest.fixture
def acme(make_tenant):
    """A tenant with one loan, on 1 February after its night."""
    tenant = make_tenant("acme")
    clock.set_to(FEB_1)
    with tenant_transaction("acme"):
        lend()
        accrue_interest(business_date=clock.today())
    return tenant


def pay(reference, amount="17.01"):
    with books_transaction("acme"):
        return post_payment(loan_number="L1", amount=Decimal(amount), reference=reference, booking=on(clock.today()))


def in_threads(*calls):
    """Start all calls at once, each with a connection of its own; return what they raised."""
    raised = []

    def run(call):
        try:
            call()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    return threads, raised


class SomebodyElse:
    """Another process that has the tenant's books."""

    def __init__(self, tenant):
        self.session = psycopg.connect(os.environ["DATABASE_URL"])
        self.session.execute("SELECT pg_advisory_xact_lock(%s, %s)", [tenancy.BOOKS, tenant.pk])

    def waiting(self):
        asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory'"
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as watcher:
            return watcher.execute(asked).fetchone()[0]

    def leave(self):
        self.session.close()


def state():
    from loans.models import Loan

    with tenant_transaction("acme"):
        assert_tied()
        return owed(Loan.objects.get(), clock.today()), Payment.objects.count()


def test_two_payments_of_one_loan_take_effect_one_after_the_other(acme):
    threads, raised = in_threads(lambda: pay("A"), lambda: pay("B"), lambda: pay("C", "5.00"))
    for thread in threads:
        thread.join()
    assert raised == []
    assert state() == (("61.56", "0.00", "0.00"), 3)


def test_one_payment_posted_twice_at_once_counts_once(acme):
    threads, raised = in_threads(*[lambda: pay("A")] * 4)
    for thread in threads:
        thread.join()
    assert raised == []
    assert state() == (("83.57", "0.00", "0.00"), 1)


def test_a_payment_waits_for_a_body_of_the_night(acme):
    night = SomebodyElse(acme)
    [thread], raised = in_threads(lambda: pay("A"))
    wait_until(lambda: night.waiting() == 1, what="the payment to wait")
    assert state() == (("100.00", "0.58", "0.00"), 0)
    night.leave()
    thread.join()
    assert raised == []
    assert state() == (("83.57", "0.00", "0.00"), 1)


def test_a_payment_that_waits_too_long_is_told_to_try_again(acme, monkeypatch):
    monkeypatch.setattr(books, "WAIT_S", 0.2)
    night = SomebodyElse(acme)
    try:
        with pytest.raises(BooksBusyError, match="try again in a minute"):
            pay("A")
    finally:
        night.leave()
    assert state() == (("100.00", "0.58", "0.00"), 0)


def test_a_payment_that_fails_half_way_leaves_nothing(acme, monkeypatch):
    from payments.services import effects

    def broken(**_options):
        raise RuntimeError("power cut")

    monkeypatch.setattr(effects.closing, "close", broken)
    with pytest.raises(RuntimeError, match="power cut"):
        pay("A")
    assert state() == (("100.00", "0.58", "0.00"), 0)
    with tenant_transaction("acme"):
        assert not Transaction.objects.filter(kind="payment").exists()
