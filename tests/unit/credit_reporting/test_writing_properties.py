"""Whatever the values: a record is as long as it says, in the alphabet of the format, or refused by name."""

import re
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from credit_reporting.metro2.exceptions import FieldError
from credit_reporting.metro2.records import Record
from credit_reporting.metro2.writing import record_line
from tests.unit.credit_reporting.sample_records import PLAIN_BASE, SEGMENTS, file_of

ALPHABET = re.compile(r"[ -_{-~]+")
NUMERIC = [(1, 20), (76, 101), (106, 123), (155, 213), (298, 324)]

words = st.text(max_size=60) | st.none()
dollars = st.decimals(min_value=0, max_value=999_999_999, places=2) | st.none()
days = st.dates(date(1000, 1, 1)) | st.none()
CHANGES = {
    "surname": words,
    "first_name": words,
    "middle_name": words,
    "address_line_1": words,
    "city": words,
    "special_comment": words,
    "account_number": words,
    "current_balance": st.decimals(allow_nan=True) | st.none(),
    "amount_past_due": dollars,
    "original_amount": dollars,
    "date_of_last_payment": days,
    "birth_date": days,
    "ssn": st.text("0123456789", min_size=8, max_size=10) | words,
}
changes = st.fixed_dictionaries({}, optional=CHANGES)
segments = st.fixed_dictionaries(
    {},
    optional={
        "j1": st.lists(st.just(SEGMENTS["j1"]), max_size=3).map(tuple),
        "j2": st.lists(st.just(SEGMENTS["j2"]), max_size=3).map(tuple),
        **{name: st.just(segment) for name, segment in SEGMENTS.items() if name not in {"j1", "j2"}},
    },
)


def line_or_field(record):
    """Return the record's line, or else the field that is to blame."""
    try:
        return record_line(record), None
    except FieldError as error:
        return None, error.args[3]


@given(changes, segments)
def test_a_record_is_as_long_as_it_says_and_in_the_alphabet_or_refused(changed, behind):
    line, field = line_or_field(Record(base=PLAIN_BASE._replace(**changed), **behind))
    if field:
        assert field in changed
    else:
        assert int(line[:4]) == len(line)
        assert ALPHABET.fullmatch(line)
        assert all(line[first - 1 : last].isdigit() for first, last in NUMERIC)


@given(st.text(max_size=60).filter(str.isprintable))
def test_words_that_print_are_never_refused_and_stand_to_the_left(name):
    written = record_line(Record(base=PLAIN_BASE._replace(middle_name=name)))[276:296]
    assert written == written.strip().ljust(20)


@given(st.decimals(min_value=0, max_value=Decimal("999999999.99"), places=4))
def test_an_amount_is_its_whole_dollars(amount):
    written = record_line(Record(base=PLAIN_BASE._replace(scheduled_payment=amount)))[105:114]
    assert int(written) == amount // 1


@given(st.lists(st.sampled_from(["71", "11", "97", "DA"]), max_size=30))
def test_a_file_ends_with_the_counts_of_its_lines(statuses):
    body = [Record(base=PLAIN_BASE._replace(account_status=status)) for status in statuses]
    _, *written, trailer = file_of(body)
    assert int(trailer[11:20]) == len(written)
    assert int(trailer[56:65]) == len(written) + 2
    assert int(trailer[146:155]) == sum(line[123:125] == "71" for line in written)
