"""A new key takes over from the old one: everything is sealed again, and the old one can be thrown away."""

from base64 import b64encode
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django_tenants.utils import schema_context

from common import resealing
from common.exceptions import UnknownKeyError
from loans.identity import Identity
from loans.models import Borrower
from payments.models import BankAccount
from tenants.services import suspend

pytestmark = pytest.mark.usefixtures("night")

OLD, NEW = (b64encode(bytes([n]) * 64).decode() for n in (1, 2))


def keys(*names):
    return override_settings(MATINS_IDENTITY_KEYS=list(names))


def reseal(*arguments):
    out = StringIO()
    call_command("reseal", *arguments, stdout=out)
    return out.getvalue()


def identities():
    return [borrower.identity.surname for borrower in Borrower.objects.order_by("id")]


@pytest.fixture
def tenants(make_tenant, monkeypatch):
    """Two tenants, one suspended, whose borrowers and accounts the old key has sealed; batches of two."""
    monkeypatch.setattr(resealing, "BATCH", 2)
    for name in ("acme", "beta"):
        make_tenant(name)
        with keys(OLD), schema_context(name):
            for number in range(5):
                owing = Borrower.objects.create(reference=f"B{number}", identity=Identity(surname=f"S{number}"))
            Borrower.objects.create(reference="nobody")
            BankAccount.objects.create(borrower=owing, holder="H", routing_number="021000021", account_number="42")
    suspend(schema_name="beta")


def test_every_value_of_every_tenant_is_sealed_with_the_newest_key(tenants):
    with keys(NEW, OLD):
        assert reseal() == "12 values of 2 tenants sealed with the newest key.\n"
        assert reseal() == "0 values of 2 tenants sealed with the newest key.\n"
    for name in ("acme", "beta"):
        with keys(NEW), schema_context(name):
            assert identities() == ["S0", "S1", "S2", "S3", "S4", ""]
            assert BankAccount.objects.get().account_number == "42"


def test_a_dry_run_counts_and_changes_nothing(tenants):
    with keys(NEW, OLD):
        told = "6 values of 1 tenants are sealed by older keys; nothing changed.\n"
        assert reseal("--tenant", "acme", "--dry-run") == reseal("--tenant", "acme", "--dry-run") == told
    with keys(NEW), schema_context("acme"), pytest.raises(UnknownKeyError):
        identities()


def test_a_value_that_does_not_open_is_told_and_the_batches_before_it_stay(tenants):
    with schema_context("acme"):
        Borrower.objects.filter(reference="B3").update(sealed_identity=b"\0\0\0\0spoiled")
    with keys(NEW, OLD):
        with pytest.raises(CommandError, match=r"^acme: loans_borrower\.identity was sealed with the key 00000000"):
            reseal()
        with schema_context("acme"):
            Borrower.objects.filter(reference="B3").update(sealed_identity=b"")
        assert reseal("--tenant", "acme") == "3 values of 1 tenants sealed with the newest key.\n"


def test_an_unknown_tenant_is_one_line():
    with pytest.raises(CommandError, match="There is no tenant 'ghost'"):
        reseal("--tenant", "ghost")
