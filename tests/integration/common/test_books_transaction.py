"""Whoever writes a tenant's books by hand is alone in them, does not wait for long, and can rehearse."""

from contextlib import contextmanager

import pytest
from django.db import DataError, connection

from common import books, tenancy
from common.books import books_transaction
from common.exceptions import BooksBusyError, TenantNotActiveError
from tenants.services import suspend
from tests.integration.common.calling import assert_back_on_public, elsewhere, somebody_else, written
from tests.nightjobs.models import Effect


def write(text):
    Effect.objects.create(schedule=text, item="", business_date="2024-07-01", seen=0)


def write_books(*texts):
    with books_transaction("acme"):
        for text in texts:
            write(text)


@contextmanager
def books_in_hand(tenant):
    """Hold a tenant's books, as the body of another process does."""
    with somebody_else() as other, other.transaction():
        other.execute("SELECT pg_advisory_xact_lock(%s, %s)", [tenancy.BOOKS, tenant.pk])
        yield


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(books, "WAIT_S", 0.1)


def test_what_is_written_is_kept(acme):
    with books_transaction("acme"):
        write("kept")
    assert written("acme") == ["kept"]
    assert_back_on_public()


def test_a_dry_run_sees_its_own_writing_and_keeps_nothing(acme):
    with books_transaction("acme", dry_run=True):
        write("rehearsed")
        assert Effect.objects.count() == 1
    assert written("acme") == []
    assert_back_on_public()


def test_the_books_are_locked_until_the_end(acme):
    locks = f"SELECT objid::int FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = {tenancy.BOOKS}"
    with books_transaction("acme"):
        assert elsewhere(locks) == [(acme.pk,)]
    assert elsewhere(locks) == []


def test_busy_books_refuse_and_nothing_is_written(acme, impatient):
    with books_in_hand(acme), pytest.raises(BooksBusyError, match="The books of acme are being written just now"):
        write_books("too early")
    assert written("acme") == []
    assert_back_on_public()


def test_after_the_other_has_ended_it_is_ones_turn(acme, impatient):
    with books_in_hand(acme):
        pass
    with books_transaction("acme"):
        write("in turn")
    assert written("acme") == ["in turn"]


def test_another_tenants_books_keep_nobody_waiting(acme, beta, impatient):
    with books_in_hand(acme), books_transaction("beta"):
        write("meanwhile")
    assert written("beta") == ["meanwhile"]


def test_only_the_lock_is_waited_for_so_shortly(acme, impatient):
    with books_transaction("acme"), connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_an_error_takes_all_of_it_back(acme):
    with pytest.raises(DataError):
        write_books("half", "x" * 500)
    assert written("acme") == []


def test_a_suspended_tenants_books_stay_closed(acme):
    suspend(schema_name="acme")
    with pytest.raises(TenantNotActiveError):
        write_books("never")
