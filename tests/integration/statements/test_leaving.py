"""How statements leave: by e-mail to those who agreed, one message each, and on paper to all others."""

import io
from datetime import UTC, date, datetime

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.test import override_settings
from django_tenants.utils import schema_context
from pypdf import PdfReader

from common import clock
from loans.identity import Identity
from loans.models import Loan
from schedules import outbox
from schedules.models import OutboxMessage
from statements.models import Delivery, ElectronicConsent, Statement
from statements.services import set_electronic
from tests.integration.payments.money import accrue, lend
from tests.integration.statements.identities import name
from tests.integration.statements.issued import issue

TODAY = date(2024, 2, 1)
ANN = Identity(surname="Lee", first_name="Ann", email="ann@example.org")


@pytest.fixture
def acme(make_tenant):
    """A tenant with a statement for each of three borrowers: who agreed, who did not, and who has no address."""
    clock.set_to(datetime(2024, 2, 1, 9, tzinfo=UTC))
    make_tenant("acme", enabled_at=clock.now())
    with schema_context("acme"):
        for number in ("AGREED", "ASKED", "OFFLINE"):
            name(lend(number).borrower, ANN if number != "OFFLINE" else Identity(surname="Off"))
        for number in ("AGREED", "OFFLINE"):
            set_electronic(loan_number=number, electronic=True, business_date=TODAY)
        accrue(date(2024, 1, 31))
        issue(TODAY)
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.outbox = []
        yield


def channels():
    with schema_context("acme"):
        rows = Delivery.objects.order_by("statement__loan__number")
        return dict(rows.values_list("statement__loan__number", "channel"))


@pytest.mark.usefixtures("acme")
def test_who_agreed_and_has_an_address_gets_mail_and_all_others_paper():
    assert channels() == {"ASKED": "paper"}
    assert outbox.relay() == 2
    assert channels() == {"AGREED": "e-mail", "ASKED": "paper", "OFFLINE": "paper"}
    (message,) = mail.outbox
    assert message.to == ["ann@example.org"]
    assert message.subject == "Your statement through 01/31/2024"
    ((file_name, content, kind),) = message.attachments
    assert (file_name, kind) == ("statement-2024-01-31.pdf", "application/pdf")
    (page,) = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    assert "Ann Lee" in page
    assert "Loan AGREED" in page
    assert page.startswith("Acme")


@pytest.mark.usefixtures("acme")
def test_the_outbox_names_nobody():
    told = str(list(OutboxMessage.objects.values("key", "payload")))
    assert "AGREED 2024-01-31" in told
    assert "ann" not in told
    assert "Lee" not in told


@pytest.mark.usefixtures("acme")
def test_a_statement_leaves_once_however_often_it_is_relayed_or_its_night_is_done():
    outbox.relay()
    with schema_context("acme"):
        issue(TODAY)
    assert outbox.relay() == 0
    OutboxMessage.objects.update(accepted_at=None)
    assert outbox.relay() == 2
    assert len(mail.outbox) == 1
    assert len(channels()) == 3


@pytest.mark.usefixtures("acme")
def test_who_they_are_and_whether_they_still_agree_is_read_when_it_leaves():
    with schema_context("acme"):
        name(Loan.objects.get(number="AGREED").borrower, Identity(surname="Lee", email="ann@example.com"))
        name(Loan.objects.get(number="OFFLINE").borrower, Identity(surname="Off", email="off@example.com"))
        set_electronic(loan_number="OFFLINE", electronic=False, business_date=TODAY)
        assert ElectronicConsent.objects.get(borrower__reference="OFFLINE").withdrawn_on == TODAY
    outbox.relay()
    assert [message.to for message in mail.outbox] == [["ann@example.com"]]
    assert channels() == {"AGREED": "e-mail", "ASKED": "paper", "OFFLINE": "paper"}


@pytest.mark.usefixtures("acme")
def test_who_agrees_later_had_paper_also_when_the_night_comes_late():
    with schema_context("acme"):
        set_electronic(loan_number="ASKED", electronic=True, business_date=date(2024, 2, 2))
        Delivery.objects.all().delete()
        Statement.objects.all().delete()
        issue(TODAY)
    assert channels() == {"ASKED": "paper"}


@pytest.mark.usefixtures("acme")
def test_without_its_document_a_statement_waits():
    with schema_context("acme"):
        (stored_in,) = set(Statement.objects.values_list("stored_in", flat=True))
    with default_storage.open(stored_in) as file:
        content = file.read()
    default_storage.delete(stored_in)
    assert outbox.relay() == 1  # Who has no address needs no document.
    (waits,) = OutboxMessage.objects.filter(accepted_at=None)
    assert waits.error.startswith("StatementFileMissingError")
    assert channels() == {"ASKED": "paper", "OFFLINE": "paper"}
    default_storage.save(stored_in, io.BytesIO(content))
    OutboxMessage.objects.update(retry_at=None)
    assert outbox.relay() == 1
