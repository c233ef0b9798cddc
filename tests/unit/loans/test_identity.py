"""An identity is kept whole, and shows nothing of itself by accident."""

import logging
import traceback
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.exceptions import SealBrokenError
from common.sealing import seal
from loans.identity import COLUMN, Identity, opened, sealed
from loans.models import Borrower

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = ("surname", "first_name", "middle_name", "generation", "ssn", "phone", "email", "address_1", "city", "zip")
IDENTITIES = st.builds(
    Identity,
    birth_date=st.none() | st.dates(),
    synthetic=st.booleans(),
    **dict.fromkeys([*NAMES, "address_2", "state"], TEXT),
)
DOE = Identity(surname="Doe", first_name="Jane", ssn="123456789", birth_date=date(1980, 12, 31))


@given(IDENTITIES)
def test_what_is_sealed_opens_as_it_was(identity):
    assert opened(sealed(identity)) == identity


def test_nothing_known_needs_no_bytes_and_no_key(settings_without_key):
    assert sealed(Identity()) == b""
    assert opened(b"") == Identity() == Borrower().identity


@pytest.fixture
def settings_without_key():
    from django.test import override_settings

    with override_settings(MATINS_IDENTITY_KEYS=[]):
        yield


def test_a_borrower_seals_what_it_is_given():
    borrower = Borrower(reference="B1", identity=DOE)
    assert borrower.identity == DOE
    assert b"Doe" not in borrower.sealed_identity


def test_its_repr_tells_what_is_known_and_not_what_it_is(caplog):
    assert repr(DOE) == str(DOE) == "<Identity of surname, first_name, ssn, birth_date>"
    assert repr(Identity()) == "<Identity of nobody known>"
    logging.getLogger("matins").warning("Nobody prints %s, %r or %s", DOE, [DOE], {"who": DOE})
    assert "123456789" not in caplog.text
    assert "Doe" not in caplog.text


def test_an_identity_that_was_sealed_for_something_else_does_not_open():
    with pytest.raises(SealBrokenError):
        opened(seal('{"surname":"Doe"}', column="payments_bankaccount.account_number"))


def test_what_is_sealed_and_no_identity_is_refused_without_being_quoted():
    blob = seal('{"ssn": 900112222, "surname": "Bell"}', column=COLUMN)
    with pytest.raises(SealBrokenError) as refused:
        opened(blob)  # A traceback shows this line.
    assert "900112222" not in "".join(traceback.format_exception(refused.value))
