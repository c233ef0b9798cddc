"""What becomes of amounts, dates and words on their way into a record, and of what does not fit."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from credit_reporting.metro2.exceptions import FieldError, MissingValueError
from credit_reporting.metro2.writing import record_line
from tests.unit.credit_reporting.sample_records import FULL_BASE, SEGMENTS, STATUSES, alone, record

D = Decimal
BALANCE, PAST_DUE = slice(154, 163), slice(163, 172)
SURNAME, CITY, SSN = slice(231, 256), slice(393, 413), slice(297, 306)


def line(**changes):
    return record_line(record(**changes))


@pytest.mark.parametrize(
    ("amount", "dollars"),
    [
        (D("0.99"), "000000000"),
        (D("1.00"), "000000001"),
        (D("480.999999"), "000000480"),
        (D("1E+3"), "000001000"),
        (480, "000000480"),
        (D("999999999.99"), "999999999"),
        (D("0.00"), "000000000"),
        (None, "000000000"),
    ],
)
def test_cents_are_cut_off_not_rounded(amount, dollars):
    written = line(current_balance=amount, amount_past_due=amount)
    assert (written[BALANCE], written[PAST_DUE]) == (dollars, dollars)


@pytest.mark.parametrize("balance", [D("-0.01"), D("-1"), D("-123456789012.50"), -7])
def test_a_negative_balance_is_zero(balance):
    assert line(current_balance=balance)[BALANCE] == "000000000"


@pytest.mark.parametrize(
    "amount", [D("-1"), D("1000000000"), D("-1000000000"), D("NaN"), D("Infinity"), "12", date(2024, 1, 1)]
)
def test_an_amount_that_does_not_fit_is_refused(amount):
    with pytest.raises(FieldError) as refused:
        line(amount_past_due=amount)
    assert str(refused.value) == (
        f"Account LN0000001: amount_past_due (base segment, positions 164-172) cannot be {amount!r}: it takes a number "
        "from 0 to 999999999. Correct it; until then the record is left out."
    )


def test_dates_are_written_month_day_year_with_zeros():
    written = line(date_opened=date(987, 3, 9), time_stamp=datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert written[75:83] == "03090987"
    assert written[5:19] == "01022024030405"


@pytest.mark.parametrize(
    ("given", "surname"),
    [
        ("doe", "DOE"),
        ("  Doe ", "DOE"),
        ("de  la\tCruz\n", "DE LA CRUZ"),
        ("O`Brien", "O'BRIEN"),
        ("Müller-Straße", "MULLER-STRASSE"),
        ("Nguyễn", "NGUYEN"),
        ("Петров", "PETROV"),
        ("Wolfeschlegelsteinhausenbergerdorff", "WOLFESCHLEGELSTEINHAUSENB"),
        ("ß" * 25, "S" * 25),
        ("ﬁ", "FI"),
        ("100%s {0}", "100%S {0}"),
    ],
)
def test_words_become_upper_case_ascii_and_are_cut_to_fit(given, surname):
    assert line(surname=given)[SURNAME] == surname.ljust(25)


def test_one_name_in_another_script_leaves_the_other_fields_where_they_are():
    plain, accented = line(surname="Munoz", city="Leon"), line(surname="Muñoz", city="León")
    assert accented == plain


@pytest.mark.parametrize("blank", [" ", "\t", "\N{NO-BREAK SPACE}"])
def test_words_of_blanks_alone_are_missing(blank):
    with pytest.raises(MissingValueError, match=r"surname .* is missing"):
        line(surname=blank)
    assert line(middle_name=blank) == line()


@pytest.mark.parametrize("number", ["LN 1", "LN-1", " LN1", "LN1\n", "L" * 31, "Ж1", "LN_1"])
def test_an_account_number_is_neither_cleaned_nor_cut(number):
    with pytest.raises(FieldError, match=r"account_number .* 1 to 30 letters and digits, without blanks or signs"):
        line(account_number=number)


@pytest.mark.parametrize("number", ["ABCD", "0" * 5, "9" * 5, "0" * 20, "9" * 20, "AC ME1", "A" * 21])
def test_an_identification_number_is_five_letters_or_digits_and_not_all_zeros_or_nines(number):
    with pytest.raises(FieldError, match="identification_number"):
        line(identification_number=number)


@pytest.mark.parametrize("number", ["00009", "99990", "9" * 19 + "0", "ABCDE"])
def test_other_identification_numbers_are_written(number):
    assert line(identification_number=number)[20:40] == number.ljust(20)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("portfolio_type", "X"),
        ("account_type", "1"),
        ("terms_duration", "36"),
        ("terms_frequency", "Z"),
        ("account_status", "99"),
        ("account_status", "1"),
        ("payment_rating", "7"),
        ("payment_history_profile", "0" * 23),
        ("payment_history_profile", "0" * 25),
        ("payment_history_profile", "0B0" + "B" * 21),
        ("payment_history_profile", "B" * 23 + "0"),
        ("payment_history_profile", "F" + "B" * 23),
        ("payment_history_profile", " " * 24),
        ("special_comment", " C"),
        ("compliance_condition", "XI"),
        ("interest_type", "A"),
        ("generation_code", "1"),
        ("ssn", "123-45-6789"),
        ("ssn", "12345678"),
        ("ssn", "1234567890"),
        ("phone", "5550100"),
        ("phone", "+12175550"),
        ("ecoa", "4"),
        ("country", "U"),
        ("state", "I"),
        ("zip_code", "62701-1234"),
        ("address_indicator", "X"),
        ("residence_code", "X"),
        ("date_opened", "01152023"),
    ],
)
def test_a_code_or_number_that_is_none_is_refused(field, value):
    with pytest.raises(FieldError, match=f"Account LN0000001: {field} "):
        line(**{field: value})


@pytest.mark.parametrize("status", STATUSES)
def test_every_account_status_is_written(status):
    assert line(account_status=status)[123:125] == status


def test_codes_are_written_in_upper_case():
    assert line(account_status="da", ecoa="z")[123:125] == "DA"


@pytest.mark.parametrize(("segment", "field"), [("k1", "classification"), ("k2", "indicator"), ("l1", "indicator")])
def test_a_wrong_value_in_a_segment_is_named_with_the_account(segment, field):
    wrong = SEGMENTS[segment]._replace(**{field: "0"})
    with pytest.raises(FieldError, match=rf"Account LN0000001: {field} \({segment.upper()} segment, positions"):
        record_line(alone(segment)._replace(**{segment: wrong}))


@pytest.mark.parametrize("field", ["surname", "ssn", "birth_date", "phone", "address_line_1", "zip_code"])
def test_messages_do_not_tell_who_somebody_is(field):
    with pytest.raises(FieldError) as refused:
        line(**{field: "SECRET\x00"})
    assert "SECRET" not in str(refused.value)
    assert "an identity, not shown" in str(refused.value)


@pytest.mark.parametrize("record", [FULL_BASE, SEGMENTS["j1"], SEGMENTS["j2"], SEGMENTS["n1"]])
def test_records_in_logs_do_not_tell_who_somebody_is(record):
    for secret in ("Dyke", "Mary", "900123456", "1980", "2175550123", "Evergreen", "62701", "Power", "Reactor"):
        assert secret not in f"{record} {record!r}"


def test_an_error_can_be_sent_to_another_process():
    with pytest.raises(FieldError) as refused:
        line(portfolio_type="X")
    again = type(refused.value)(*refused.value.args)
    assert (str(again), again.subject) == (str(refused.value), "Account LN0000001")
