"""The books in the admin: all to look at, nothing but borrowers to change."""

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory

from ledger.models import Account, JournalEntry
from loans.models import Accrual, Borrower, Forbearance, Loan, Notice, Product, Promo, RateIndex, TapeRow
from tests.integration.loans.books import accrue, make_loan

pytestmark = pytest.mark.usefixtures("books")


@pytest.fixture
def request_of_a_superuser():
    request = RequestFactory().get("/")
    request.user = User(username="operator", is_staff=True, is_active=True, is_superuser=True)
    return request


@pytest.mark.parametrize(
    "model", [Account, JournalEntry, Accrual, Forbearance, Loan, Notice, Product, Promo, RateIndex, TapeRow]
)
def test_nobody_changes_the_books_here(model, request_of_a_superuser):
    site = admin.site.get_model_admin(model)
    assert site.has_view_permission(request_of_a_superuser)
    assert not site.has_add_permission(request_of_a_superuser)
    assert not site.has_change_permission(request_of_a_superuser)
    assert not site.has_delete_permission(request_of_a_superuser)


def test_a_borrowers_name_can_be_corrected(request_of_a_superuser):
    assert admin.site.get_model_admin(Borrower).has_change_permission(request_of_a_superuser)


@pytest.mark.parametrize("model", [JournalEntry, Accrual, Forbearance, Loan, Notice, Promo, RateIndex])
def test_the_pages_show_what_there_is(model, request_of_a_superuser):
    loan = make_loan("L1")
    accrue(date(2024, 1, 3))
    period = {"loan": loan, "starts_on": date(2024, 1, 1), "ends_on": date(2024, 1, 2)}
    Forbearance.objects.create(**period)
    Promo.objects.create(rate=0, standard_rate="0.07", **period)
    Notice.objects.create(loan=loan, kind="promo ended", noticed_on=date(2024, 1, 3), about=date(2024, 1, 2))
    RateIndex.objects.create(code="SOFR")
    site = admin.site.get_model_admin(model)
    listed = site.changelist_view(request_of_a_superuser)
    assert listed.status_code == 200
    listed.render()
    page = site.change_view(request_of_a_superuser, str(model.objects.first().pk))
    page.render()
    assert str(model.objects.first()) in page.content.decode()
