"""Every field of every segment: the clean file is clean, and one wrong field is found where it stands."""

import pytest

from credit_reporting.validator.layout import ATTACHED, SEGMENTS
from tests.unit.credit_reporting.validator.goodfile import BEGINS, FULL, LAST_MONTH, LINES, changed

LENGTHS = {
    "HEADER": 426, "BASE": 426, "J1": 100, "J2": 200, "K1": 34, "K2": 34, "K3": 40, "K4": 30, "L1": 54, "N1": 146,
    "TRAILER": 426,
}  # fmt: skip
LINE_OF = {"HEADER": 1, "TRAILER": len(LINES)}
FIELDS = [(segment, field) for segment in SEGMENTS for field in segment.fields]
NAMED = [(segment, field) for segment, field in FIELDS if field.name != "segment_identifier"]


def name(value):
    return getattr(value, "name", None)


def test_the_clean_files_are_clean_alone_and_month_to_month(findings_of):
    assert findings_of(LAST_MONTH) == []
    assert findings_of(LINES) == []
    assert findings_of(LINES, previous=LAST_MONTH) == []


def test_the_segments_have_the_lengths_of_the_format():
    assert {segment.name: segment.length for segment in SEGMENTS} == LENGTHS


@pytest.mark.parametrize("segment", SEGMENTS, ids=name)
def test_the_fields_fill_their_segment_without_gap_or_overlap(segment):
    positions = [position for field in segment.fields for position in range(field.first, field.last + 1)]
    assert positions == list(range(1, segment.length + 1))
    assert len({field.name for field in segment.fields}) == len(segment.fields)


@pytest.mark.parametrize(("segment", "field"), NAMED, ids=name)
@pytest.mark.parametrize("character", ["a", "\xc9", "\x07"], ids=["lower case", "beyond ASCII", "control"])
def test_a_field_in_lower_case_or_with_strange_characters_is_rejected_where_it_stands(
    findings_of, segment, field, character
):
    number, position = LINE_OF.get(segment.name, FULL), BEGINS.get(segment.name, 0) + field.first
    lines = changed(number, (position, character * (field.last - field.first + 1)))
    assert findings_of(lines) == [(number, segment.name, position, field.name, field.form.reason)]


@pytest.mark.parametrize("segment", ATTACHED, ids=name)
def test_a_segment_that_nobody_knows_is_rejected_where_it_stands(findings_of, segment):
    position = BEGINS[segment.name] + 1
    reason = "must be one of J1 J2 K1 K2 K3 K4 L1 N1, with the whole segment after it"
    assert findings_of(changed(FULL, (position, "X9"))) == [(FULL, "RECORD", position, "segment_identifier", reason)]
