"""The pages of payments: history to look at, agreements to enter and to end."""

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory

from payments.models import (
    Attempt,
    AttemptReturn,
    Autopay,
    BankAccount,
    Company,
    Payment,
    PaymentReversal,
    Series,
    SeriesInstance,
    Waiver,
)
from tests.integration.payments.money import lend, pay, take_back

pytestmark = pytest.mark.usefixtures("books")


@pytest.fixture
def superuser():
    request = RequestFactory().get("/")
    request.user = User(username="operator", is_staff=True, is_active=True, is_superuser=True)
    return request


@pytest.mark.parametrize("model", [Payment, Waiver, Attempt, AttemptReturn])
def test_history_is_only_looked_at(model, superuser):
    site = admin.site.get_model_admin(model)
    assert not site.has_add_permission(superuser)
    assert not site.has_change_permission(superuser)
    assert not site.has_delete_permission(superuser)
    site.changelist_view(superuser).render()


@pytest.mark.parametrize("model", [Series, Autopay, BankAccount, Company])
def test_agreements_are_entered(model, superuser):
    site = admin.site.get_model_admin(model)
    assert site.has_add_permission(superuser)
    site.changelist_view(superuser).render()
    site.add_view(superuser).render()


def test_a_bank_account_stays_as_it_was_entered(superuser):
    assert not admin.site.get_model_admin(BankAccount).has_change_permission(superuser)


def test_a_series_that_runs_can_only_end(superuser):
    series = Series(reference="S1")
    site = admin.site.get_model_admin(Series)
    assert set(site.get_fields(superuser, series)) - set(site.get_readonly_fields(superuser, series)) == {"ends_on"}
    assert site.get_readonly_fields(superuser, None) == ()


def test_a_payment_is_shown_with_what_took_it_back(superuser):
    loan = lend()
    payment = pay("17.01", date(2024, 1, 5))
    take_back(payment, date(2024, 1, 6), reason="R01")
    page = admin.site.get_model_admin(Payment).change_view(superuser, str(payment.pk))
    page.render()
    assert "R01" in page.content.decode()
    series = Series.objects.create(
        reference="S1",
        loan=loan,
        amount="1.00",
        frequency="weekly",
        anchor=date(2024, 1, 5),
        starts_on=date(2024, 1, 5),
    )
    SeriesInstance.objects.create(series=series, due_date=date(2024, 1, 5), skipped="the series is paused")
    page = admin.site.get_model_admin(Series).change_view(superuser, str(series.pk))
    page.render()
    assert "the series is paused" in page.content.decode()
    assert PaymentReversal.objects.count() == 1
