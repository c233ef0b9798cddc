"""The books in the admin: all to look at, nothing but borrowers to change."""

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory
from msgspec.structs import replace

from ledger.models import Account, JournalEntry
from loans.forms import BorrowerForm
from loans.identity import Identity, sealed
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


class TestBorrowers:
    """Who owes is corrected through a form; a Social Security number is typed and never shown."""

    WHO = Identity(surname="Doe", first_name="Jane", ssn="123456789", birth_date=date(1980, 12, 31), state="CA")

    def form(self, **typed):
        borrower = Borrower.objects.create(reference="B1", state="CA", sealed_identity=sealed(self.WHO))
        known = {"reference": "B1", "state": "CA", "surname": "Doe", "first_name": "Jane", "birth_date": "1980-12-31"}
        return BorrowerForm({**known, **typed}, instance=borrower)

    def page(self, request, *, may_change):
        borrower = Borrower.objects.create(reference="B1", state="CA", sealed_identity=sealed(self.WHO))
        site = admin.site.get_model_admin(Borrower)
        site.has_change_permission = lambda *_: may_change
        try:
            page = site.change_view(request, str(borrower.pk))
            listed = site.changelist_view(request)
        finally:
            del site.has_change_permission
        page.render()
        listed.render()
        return page.content.decode() + listed.content.decode()

    @pytest.mark.parametrize("may_change", [True, False])
    def test_a_page_shows_the_name_and_no_number(self, request_of_a_superuser, may_change):
        page = self.page(request_of_a_superuser, may_change=may_change)
        assert "Jane Doe" in page
        assert "123456789" not in page
        assert ("ends in 6789" in page) == may_change

    def test_a_correction_keeps_what_was_not_typed(self):
        form = self.form(surname="Roe", zip="93650-1234", phone="(202) 555-0123", state="NV")
        assert form.is_valid(), form.errors
        form.save()
        known = replace(self.WHO, surname="Roe", zip="936501234", phone="2025550123", state="NV")
        assert Borrower.objects.get().identity == known

    def test_a_new_number_replaces_the_known_one(self):
        form = self.form(ssn="987-65-4321")
        assert form.is_valid(), form.errors
        form.save()
        assert Borrower.objects.get().identity == replace(self.WHO, ssn="987654321")

    @pytest.mark.parametrize("typed", [{"ssn": "12"}, {"zip": "9"}, {"birth_date": "yesterday"}, {"email": "doe"}])
    def test_what_a_tape_could_not_say_is_refused(self, typed):
        assert set(self.form(**typed).errors) == set(typed)


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
