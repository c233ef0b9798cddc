"""The pages of contacts: history to look at, and errands whose text is rendered when they are opened."""

from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory

from casework.models import (
    ContactAttempt,
    ContactPreference,
    Errand,
    Notice,
    PaymentPlan,
    Promise,
    StepVersion,
    Strategy,
)
from casework.services.contact import log_contact, prefer
from casework.services.delivery import deliver
from casework.services.plans import make_plan
from casework.services.promises import make_promise
from common import clock
from delinquency.services import run_engine
from tests.integration.casework.dunned import DEFINED, define, make_loan, night, october, step
from tests.integration.delinquency.behind import D, pay
from tests.integration.loans.schema import SCHEMA

pytestmark = pytest.mark.usefixtures("books")

MODELS = [Promise, PaymentPlan, Strategy, StepVersion, Notice, Errand, ContactPreference, ContactAttempt]


@pytest.fixture
def superuser():
    request = RequestFactory().get("/")
    request.user = User(username="operator", is_staff=True, is_active=True, is_superuser=True)
    return request


@pytest.fixture(autouse=True)
def loan(books):
    """A loan with something of everything, and a letter to post."""
    run_engine(business_date=DEFINED)
    define(step("first", 3, channel="letter", subject="Loan {{ loan }}", body="Dear {{ surname }}, {{ amount }}"))
    loan = make_loan()
    night(october(4))
    clock.set_to(datetime(2023, 10, 4, 18, tzinfo=UTC))
    deliver("key", {"tenant": SCHEMA, "notice": Notice.objects.get().pk})
    make_promise(loan_number="L1", amount=D("5.00"), made_on=october(5), due_on=october(6))
    make_plan(loan_number="L1", instalments=[(october(9), D("5.00"))], made_on=october(5))
    prefer(loan_number="L1", kind="attorney", starts_on=october(5))
    log_contact(loan_number="L1", channel="call", made_on=october(4), today=october(4))
    return loan


def page(request, model):
    """Return the text of the page of a model's one row."""
    site = admin.site.get_model_admin(model)
    return site.change_view(request, str(model.objects.get().pk)).render().content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_it_is_only_looked_at_in_its_list_and_by_itself(model, superuser):
    site = admin.site.get_model_admin(model)
    assert not site.has_add_permission(superuser)
    assert not site.has_change_permission(superuser)
    assert not site.has_delete_permission(superuser)
    assert "1 " in site.changelist_view(superuser).render().content.decode()
    assert str(model.objects.get()) in page(superuser, model)


def test_an_errand_shows_the_text_of_the_day_it_is_opened(superuser, loan):
    assert "Loan L1<br><br>Dear Example, 250.00" in page(superuser, Errand)
    pay(loan, october(3), "100.00")
    assert "Dear Example, 150.00" in page(superuser, Errand)
    pay(loan, october(4), "150.00")
    assert "Nothing is past due any more." in page(superuser, Errand)
