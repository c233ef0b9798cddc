"""The files of debits: every character of a small one, what is refused, and that nothing depends on chance."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from payments.ach.exceptions import (
    BadAccountError,
    BadAmountError,
    BadNameError,
    BadNumberError,
    BadOriginatorError,
    BadRoutingNumberError,
    BadSubmissionError,
)
from payments.ach.reading import read_file
from payments.ach.values import check_routing_number
from payments.ach.writing import check_debit, debit_file, trace_number
from payments.processors.exceptions import BadDebitError
from payments.processors.port import AccountType
from tests.unit.payments.samples import ORIGINATOR, a_debit, a_file, a_submission

MONDAY = date(2024, 1, 8)

# One entry, one retry and one for another date; columns as in the Nacha Operating Rules, Appendix Three.
SMALL_FILE = """\
101 09100001912345678902401040615A094101WELLS FARGO BANK       ACME LENDING                   
5225ACME LENDING                        1234567890PPDLOAN PYMT       240105   1091000010000001
62702100002112345678         0000012545LC000001       Ann Lee                 0091000010000001
822500000100021000020000000125450000000000001234567890                         091000010000001
5225ACME LENDING                        1234567890PPDRETRY PYMT      240105   1091000010000002
63723138010455-4321          0000000001LC000002       Bo Diaz                 0091000010000002
822500000100231380100000000000010000000000001234567890                         091000010000002
5225ACME LENDING                        1234567890PPDLOAN PYMT       240108   1091000010000003
62702100002112345678         9999999999LC000003       Ann Lee                 0091000010000003
822500000100021000020099999999990000000000001234567890                         091000010000003
9000003000002000000030027338014010000012545000000000000                                       
"""  # noqa: W291 - records are 94 characters wide.
SMALL = (
    a_debit(),
    a_debit(
        number=2,
        individual_id="LC000002",
        name="Bo Diaz",
        routing_number="231380104",
        account_number="55-4321",
        account_type=AccountType.SAVINGS,
        amount=Decimal("0.01"),
        is_retry=True,
    ),
    a_debit(number=3, individual_id="LC000003", amount=Decimal("99999999.99"), effective_on=MONDAY),
)


def entries(data):
    return [entry.fields for batch in read_file(data).batches for entry in batch.entries]


def test_a_small_file_is_written_to_the_letter():
    assert a_file(*SMALL).decode().splitlines() == [*SMALL_FILE.splitlines(), *["9" * 94] * 9]


def test_the_same_debits_are_the_same_bytes_in_whatever_order_they_come():
    assert a_file(*SMALL) == a_file(*reversed(SMALL))


def test_every_record_has_94_characters_and_the_last_block_is_full():
    for count in (1, 5, 6, 7, 15, 16):
        lines = a_file(*(a_debit(number=n) for n in range(1, count + 1))).decode().splitlines()
        assert {len(line) for line in lines} == {94}
        assert len(lines) % 10 == 0
        assert lines[count + 4 :] == ["9" * 94] * (-(count + 4) % 10)


def test_a_trace_is_the_bank_and_the_last_seven_digits_of_the_number():
    assert trace_number(ORIGINATOR, 7) == "091000010000007"
    assert trace_number(ORIGINATOR, 120_000_007) == "091000010000007"
    data = a_file(a_debit(number=20_000_001), a_debit(number=19_999_999))
    assert [entry["trace"] for entry in entries(data)] == ["091000010000001", "091000019999999"]


def test_the_hash_keeps_its_last_ten_digits():
    debits = [a_debit(number=n, routing_number="999999992") for n in range(1, 102)]
    assert read_file(a_file(*debits)).control["entry_hash"] == str(99999999 * 101)[-10:] == "0099999899"


def test_the_ordinal_of_the_day_tells_files_apart():
    modifiers = [read_file(a_file(ordinal=n)).header["file_id_modifier"] for n in (0, 25, 26, 35)]
    assert modifiers == ["A", "Z", "0", "9"]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("José Muñoz", "Jose Munoz"),
        ("Łukasz Øster-Weiß", "Lukasz Oster-Weiss"),
        ("李小龙", "LiXiaoLong"),
        ("  Ann \t Lee ", "Ann Lee"),
        ("Bartholomew Featherstonehaugh", "Bartholomew Feathersto"),
        ("Bartholomew Cornelius de Vries", "Bartholomew Cornelius"),
    ],
)
def test_names_are_written_in_ascii_and_cut_at_their_field(name, written):
    assert entries(a_file(a_debit(name=name)))[0]["individual_name"] == written


def test_blanks_in_an_account_number_are_left_out():
    assert entries(a_file(a_debit(account_number="12 345-67 A")))[0]["account_number"] == "12345-67A"


@pytest.mark.parametrize(
    ("changed", "error", "says"),
    [
        ({"routing_number": "021000022"}, BadRoutingNumberError, "check digit of the routing number 021000022"),
        ({"routing_number": "21000021"}, BadRoutingNumberError, "'21000021' is not nine digits"),
        ({"routing_number": "02100002\u0661"}, BadRoutingNumberError, "is not nine digits"),
        ({"account_number": "9" * 14 + "1234"}, BadAccountError, r"ending in '1234' is not 1 to 17"),
        ({"account_number": "  "}, BadAccountError, "ending in ''"),
        ({"account_number": "12/34"}, BadAccountError, "is not 1 to 17 letters, digits and hyphens"),
        ({"amount": Decimal("0.00")}, BadAmountError, "from 0.01 to 99999999.99"),
        ({"amount": Decimal("-1.00")}, BadAmountError, "An entry of -1.00 cannot be collected"),
        ({"amount": Decimal("100000000.00")}, BadAmountError, "An entry of 100000000.00 cannot be collected"),
        ({"amount": Decimal("NaN")}, BadAmountError, "An entry of NaN cannot be collected"),
        ({"amount": Decimal("1.005")}, BadAmountError, "An entry of 1.005 is not whole cents: round it first"),
        ({"amount": Decimal("0.0" + "9" * 40)}, BadAmountError, "is not whole cents"),
        ({"name": " "}, BadNameError, "The name ' ' cannot be written in ASCII: enter it in Latin letters"),
        ({"name": "\u2060"}, BadNameError, "cannot be written in ASCII"),
        ({"name": "Ann\x07Lee"}, BadNameError, "cannot be written in ASCII"),
        ({"individual_id": ""}, BadNameError, "The identification '' cannot be written"),
        ({"individual_id": "LC00000000000001"}, BadNameError, "longer than 15 characters: use the loan's number"),
    ],
)
def test_a_debit_that_will_not_do_is_named_and_leaves_no_file(changed, error, says):
    bad = a_debit(number=8, **changed)
    with pytest.raises(error, match=says) as raised:
        a_file(a_debit(), bad)
    assert str(raised.value).startswith(f"Debit 8 ({bad.individual_id}): ")
    with pytest.raises(error):
        check_debit(bad)


def test_an_account_number_shows_in_no_error_and_in_no_repr():
    with pytest.raises(BadDebitError) as raised:
        check_debit(a_debit(account_number="123456789012345678"))
    assert "12345678901234" not in f"{raised.value} {a_debit(account_number='12345678901234')!r}"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"company_name": "ACME LENDING CORP"}, "longer than 16 characters: shorten it with the bank"),
        ({"company_name": "Société"}, "must be ASCII"),
        ({"company_name": ""}, "must be ASCII, without blanks around it"),
        ({"company_id": "12345678901"}, "longer than 10 characters"),
        ({"bank_routing": "091000018"}, "check digit of the routing number 091000018 is wrong"),
        ({"bank_name": "W" * 24}, "longer than 23 characters"),
    ],
)
def test_a_company_that_will_not_do_originates_nothing(changed, says):
    with pytest.raises(BadOriginatorError, match=says):
        debit_file(replace(ORIGINATOR, **changed), a_submission())


@pytest.mark.parametrize(
    ("submission", "error", "says"),
    [
        (replace(a_submission(), debits=()), BadSubmissionError, "has no debits: send none"),
        (a_submission(ordinal=36), BadSubmissionError, "36 submissions, 0 to 35"),
        (a_submission(created_at=datetime(2024, 1, 4)), BadSubmissionError, "has no time zone"),  # noqa: DTZ001
        (a_submission(a_debit(number=3), a_debit(number=10_000_003)), BadNumberError, "one number"),
        (
            a_submission(*(a_debit(number=n, amount=Decimal(99999999)) for n in range(101))),
            BadSubmissionError,
            "wider than the 12 characters of debit_cents in a batch control: send the debits as several submissions",
        ),
    ],
)
def test_a_submission_that_makes_no_file_is_refused(submission, error, says):
    with pytest.raises(error, match=says):
        debit_file(ORIGINATOR, submission)


@pytest.mark.parametrize("routing", ["021000021", "011401533", "091000019", "231380104", "011000015", "322271627"])
def test_the_routing_numbers_of_real_banks_pass(routing):
    check_routing_number(routing)


def test_the_time_of_creation_stands_in_the_header_alone():
    early, late = a_file(), a_file(created_at=datetime(2024, 1, 9, 21, 5, tzinfo=UTC))
    assert (early[23:33], late[23:33]) == (b"2401040615", b"2401092105")
    assert early[94:] == late[94:]
