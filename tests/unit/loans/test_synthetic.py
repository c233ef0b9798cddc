"""Made-up borrowers: the same for the same loan, nobody real, and living where the loan says."""

import re
from datetime import date

import pytest
from faker.providers.address.en_US import Provider

from loans.boarding.quirks import quirks
from loans.boarding.reading import read
from loans.boarding.synthetic import synthetic_identity, with_synthetic_borrowers
from loans.identity import Identity
from loans.tape import tape_lines
from tests.unit.loans.test_reading import AS_OF, read_one, read_who

MANY = [synthetic_identity(f"L{number}", state="NY") for number in range(2000)]
STATES = sorted(set(Provider.states_abbr) & set(Provider.states_postcode))


def test_the_same_loan_always_has_the_same_borrower_and_others_have_others():
    assert synthetic_identity("L1", state="NY") == MANY[1]
    assert synthetic_identity("L1", state="NY", seed=1) != MANY[1]
    assert len(set(MANY)) == len({(who.ssn, who.birth_date) for who in MANY}) == 2000


def test_nobody_real_is_meant():
    for who in MANY:
        assert who.synthetic
        assert re.fullmatch(r"9\d\d(0[1-9]|[1-4]\d)(?!0000)\d{4}", who.ssn)
        assert re.fullmatch(r"51855501\d\d", who.phone)
        assert re.fullmatch(r"[a-z]+\.[a-z]+\.\d+@example\.com", who.email)
        assert date(1947, 1, 1) <= who.birth_date <= date(1997, 1, 1)


@pytest.mark.parametrize("state", STATES)
def test_the_zip_codes_begin_as_those_of_the_state(state):
    low, high = Provider.states_postcode[state]
    zips = {synthetic_identity(f"L{number}", state=state).zip for number in range(200)}
    assert {len(each) for each in zips} == {5}
    assert all(low // 100 <= int(each[:3]) <= high // 100 for each in zips)
    assert len(zips) > 20


def test_without_a_state_there_is_no_address():
    who = synthetic_identity("L1", state="")
    assert (who.address_1, who.city, who.zip, who.phone, who.state) == ("", "", "", "", "")


def test_only_lines_that_say_nothing_get_somebody():
    told, untold = with_synthetic_borrowers(iter([read_who(surname="Doe", ssn="123456789"), read_one()]))
    assert told.identity == Identity(surname="Doe", ssn="123456789", state="NJ")
    assert untold.identity == synthetic_identity("LC000001", state="NJ")


def test_a_made_up_tape_can_name_the_same_people():
    plain = with_synthetic_borrowers(read(tape_lines(rows=50, seed=2018), as_of=AS_OF))
    named = read(tape_lines(rows=50, seed=2018, identities=True), as_of=AS_OF)
    assert [row.identity for row in plain] == [row.identity for row in named]


@pytest.mark.parametrize(
    ("said", "oddity"),
    [
        ({"ssn": "123456789"}, "surname is empty"),
        ({"surname": "Doe"}, "neither ssn nor birth_date is given: no credit bureau takes such a borrower"),
        ({"surname": "Doe", "ssn": "000456789"}, "ssn is a number that was never issued"),
        ({"surname": "Doe", "ssn": "666456789"}, "ssn is a number that was never issued"),
        ({"surname": "Doe", "ssn": "900456789"}, "ssn is a number that was never issued"),
        ({"surname": "Doe", "ssn": "123006789"}, "ssn is a number that was never issued"),
        ({"surname": "Doe", "ssn": "123450000"}, "ssn is a number that was never issued"),
        (
            {"surname": "Doe", "birth_date": "2001-01-01"},
            "birth_date does not make the borrower 18 to 120 years old when the loan was issued",
        ),
        ({"surname": "Doe", "ssn": "123456789", "city": "Newark"}, "the address lacks address_1 and zip"),
    ],
)
def test_what_is_odd_about_who_owes_is_told_without_repeating_it(said, oddity):
    assert oddity in list(quirks(read_who(**said)))


def test_a_whole_identity_is_not_odd():
    said = {"surname": "Doe", "ssn": "123456789", "birth_date": "1980-12-31", "phone": "2125550123"}
    address = {"address_1": "1 Main Street", "city": "Newark", "zip": "07101"}
    assert list(quirks(read_who(**said, **address))) == list(quirks(read_one()))
