"""How records make a file: segments packed behind their base, lengths, what is held back, and the trailer's counts."""

from datetime import date

import pytest

from credit_reporting.metro2.exceptions import FieldError, RecordTooLongError
from credit_reporting.metro2.records import J1, J2, Header, Record
from credit_reporting.metro2.totals import Totals
from credit_reporting.metro2.writing import header_line, record_line
from tests.unit.credit_reporting.sample_records import HEADER, PLAIN_BASE, SEGMENTS, STATUSES, alone, file_of, record
from tests.unit.credit_reporting.test_writing_positions import TRAILER_COUNTERS

LENGTHS = {"j1": 100, "j2": 200, "k1": 34, "k2": 34, "k3": 40, "k4": 30, "l1": 54, "n1": 146}


def counts(trailer):
    """Return the counters of a trailer line that are not zero."""
    read = {name: int(trailer[start - 1 : start + 8]) for name, start in TRAILER_COUNTERS.items()}
    return {name: number for name, number in read.items() if number}


@pytest.mark.parametrize(("segment", "length"), LENGTHS.items())
def test_a_record_states_its_own_length(segment, length):
    line = record_line(alone(segment))
    assert (len(line), line[:4], line[426:428]) == (426 + length, f"{426 + length:04}", segment.upper())


def test_base_with_j2_and_k1_is_660_long():
    line = record_line(Record(base=PLAIN_BASE, j2=(SEGMENTS["j2"],), k1=SEGMENTS["k1"]))
    assert (len(line), line[:4]) == (660, "0660")


def test_segments_follow_in_the_order_of_the_format():
    others = {name: segment for name, segment in reversed(SEGMENTS.items()) if name not in {"j1", "j2"}}
    line = record_line(Record(base=PLAIN_BASE, j2=(SEGMENTS["j2"],) * 2, j1=(SEGMENTS["j1"],) * 2, **others))
    order, at = [], 426
    while at < len(line):
        order.append(line[at : at + 2])
        at += LENGTHS[order[-1].lower()]
    assert order == ["J1", "J1", "J2", "J2", "K1", "K2", "K3", "K4", "L1", "N1"]
    assert line[:4] == f"{len(line):04}" == "1364"


def test_the_base_segment_is_the_same_with_and_without_segments_but_for_its_length():
    assert record_line(alone("k1"))[4:426] == record_line(record())[4:]


def test_a_record_may_be_9999_long_and_no_longer():
    longest = Record(base=PLAIN_BASE, j1=(SEGMENTS["j1"],) * 95)
    assert record_line(longest)[:4] == "9926"
    with pytest.raises(RecordTooLongError, match="Account LN0000001: the record would be 10026 characters"):
        record_line(longest._replace(j1=(SEGMENTS["j1"],) * 96))


def test_a_file_is_header_records_and_trailer_with_counts():
    empty = {"ssn": None, "birth_date": None, "phone": None}
    file = list(
        file_of(
            [
                record(ssn="900000001", birth_date=date(1980, 1, 1), phone="2175550100"),
                record(account_status="71", ssn="000000000", phone="0000000000"),
                record(account_status="DF", ssn="999999999", ecoa="Z"),
                Record(base=PLAIN_BASE, j1=(SEGMENTS["j1"], SEGMENTS["j1"]._replace(**empty, ecoa="Z"))),
                Record(base=PLAIN_BASE, j2=(SEGMENTS["j2"],), **{name: SEGMENTS[name] for name in list(LENGTHS)[2:]}),
            ],
        )
    )
    assert [line[4:11].strip() for line in (file[0], file[-1])] == ["HEADER1", "TRAILER"]
    assert counts(file[-1]) == {
        "base_records": 5,
        "blocks": 7,
        "status_11": 3,
        "status_71": 1,
        "status_df": 1,
        "j1_segments": 2,
        "j2_segments": 1,
        "k1_segments": 1,
        "k2_segments": 1,
        "k3_segments": 1,
        "k4_segments": 1,
        "l1_segments": 1,
        "n1_segments": 1,
        "ecoa_z": 2,
        "all_ssns": 3,
        "base_ssns": 1,
        "j1_ssns": 1,
        "j2_ssns": 1,
        "all_birth_dates": 3,
        "base_birth_dates": 1,
        "j1_birth_dates": 1,
        "j2_birth_dates": 1,
        "all_phones": 3,
    }


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_its_own_counter(status):
    *_, trailer = file_of([record(account_status=status)] * 3)
    assert counts(trailer) == {"base_records": 3, "blocks": 5, f"status_{status.lower()}": 3}


def test_a_file_without_records_has_a_header_and_a_trailer():
    header, trailer = file_of([])
    assert (len(header), len(trailer), counts(trailer)) == (426, 426, {"blocks": 2})


def test_the_trailer_needs_no_record_again():
    totals = Totals()
    for number in range(1_000):
        totals.add(record(account_number=f"LN{number}", surname=f"S{number}"))
    assert len(vars(totals)["_alike"]) < len(TRAILER_COUNTERS)


@pytest.mark.parametrize("field", ["activity_date", "created_on", "reporter_name", "reporter_address"])
def test_a_header_without_what_it_needs_is_refused(field):
    with pytest.raises(FieldError, match=f"The header: {field} .* is missing"):
        header_line(Header(**{**HEADER._asdict(), field: None}))


@pytest.mark.parametrize("kind", [J1, J2])
def test_another_consumer_needs_a_name(kind):
    consumer = SEGMENTS[kind.__name__.lower()]._replace(surname=" ")
    with pytest.raises(FieldError, match="Account LN0000001: surname"):
        record_line(Record(base=PLAIN_BASE, **{kind.__name__.lower(): (consumer,)}))
