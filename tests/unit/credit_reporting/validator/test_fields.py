"""Every form a field can have: what fits it, and what does not."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_reporting.validator import fields
from credit_reporting.validator.fields import constant, one_of
from credit_reporting.validator.layout import BASE
from tests.unit.credit_reporting.validator.goodfile import RECORDS

FITS = [
    (constant("1"), ["1"], ["0", " ", "A"]),
    (one_of("05", "DA"), ["05", "DA"], ["  ", "5 ", "06", "AD"]),
    (one_of("V", "1A", blank=True), ["V ", "1A", "  "], [" V", "VV", "v "]),
    (fields.DIGITS, ["000", "012", "999"], ["   ", " 12", "12 ", "1.2", "-12", "1A2", "²²²"]),
    (fields.TEXT, ["ABC", "A B", "A  ", "   ", "#-,"], [" AB", "  A", "abc", "AbC", "A\tB", "A\x00B", "ÉAB", "A~\x7f"]),
    (fields.REQUIRED_TEXT, ["ABC", "A B", "A  "], ["   ", " AB", "Abc", "A\xa0B"]),
    (fields.BLANK, ["   "], ["  0", "000", "  .", "\t  "]),
    (fields.IDENTIFIER, ["LN1", "L  ", "123"], ["   ", " L1", "L 1", "L-1", "l1 ", "L1."]),
    (fields.OPTIONAL_IDENTIFIER, ["LN1", "L  ", "   "], [" L1", "L 1", "  1", "L-1"]),
    (
        fields.FURNISHER,
        ["MATINS1", "12345  ", "0000001"],
        ["1234   ", "0000000", "00000  ", "9999999", "99999  ", "A B C D"],
    ),
    (fields.DATE, ["02292024", "12311999"], ["00000000", "02292023", "13012024", "20240229", "        "]),
    (fields.DATE_OR_ZEROS, ["02292024", "00000000"], ["02302024", "00012024", "        ", "99999999"]),
    (fields.TIME_STAMP, ["02292024235959", "01012024000000"], ["02292024240000", "02292024236000", "02302024000000"]),
    (fields.HISTORY, ["0123456BDEGHJKLBBBBBBBBB"], ["012345678888888888888888", "000000000000000000000000 "[1:]]),
    (fields.TERM, ["036", "LOC", "REV"], ["36 ", "ABC", "   ", "0.5"]),
    (fields.STATE, ["DE"], ["  ", "D ", "D1", "de"]),
    (fields.STATE_OR_BLANK, ["DE", "  "], ["D ", "D1"]),
    (fields.ZIP, ["19901    ", "199010007"], ["         ", "1990     ", "19901000 ", "1990A    "]),
    (fields.ZIP_OR_BLANK, ["19901    ", "         "], ["1990     ", "        1"]),
]


@pytest.mark.parametrize(("form", "good", "bad"), FITS, ids=[form.reason for form, _, _ in FITS])
def test_a_form_takes_what_fits_and_nothing_else(form, good, bad):
    for text in good:
        assert re.fullmatch(form.pattern(len(text)), text), text
    for text in bad:
        assert not re.fullmatch(form.pattern(len(text)), text), text


def test_a_date_is_real_on_every_day_of_two_centuries_and_on_no_other():
    first = date(1900, 1, 1)
    real = {f"{first + timedelta(days):%m%d%Y}" for days in range((date(2100, 1, 1) - first).days)}
    pattern = re.compile(fields.DATE.pattern(8))
    taken = {
        text
        for year in range(1900, 2100)
        for month in range(14)
        for day in range(33)
        if pattern.fullmatch(text := f"{month:02}{day:02}{year}")
    }
    assert taken == real


@given(
    position=st.integers(0, 425),
    character=st.characters(min_codepoint=0, max_codepoint=255) | st.sampled_from(" 019ABZ"),
)
def test_a_segment_matches_as_a_whole_exactly_when_each_field_has_its_form(position, character):
    line = next(iter(RECORDS.values()))[:426]
    line = line[:position] + character + line[position + 1 :]
    assert bool(BASE.pattern.match(line)) == (not list(BASE.malformed(line, 0)))
