"""Files as a whole: lengths, order, totals, numbers, and whatever else a file can be."""

import sqlite3
import tracemalloc
from pathlib import Path

import pytest

from credit_reporting.validator import Validation
from credit_reporting.validator.accounts import Accounts
from credit_reporting.validator.layout import TRAILER
from tests.unit.credit_reporting.validator.goodfile import (
    FULL,
    J1,
    K1,
    K2,
    LATE,
    LINES,
    RECORDS,
    TODAY,
    base,
    changed,
    edited,
)

TOTALS = [field for field in TRAILER.fields if field.form.reason.startswith("must be digits")][1:]
LAST = len(LINES)
ORDER = "must come in the order J1 J2 K1 K2 K3 K4 L1 N1, and only J1 and J2 more than once"
UNKNOWN = "must be one of J1 J2 K1 K2 K3 K4 L1 N1, with the whole segment after it"


def rdw(text):
    return f"{len(text):04}{text[4:]}"


def but_the_trailer(findings):
    return [finding for finding in findings if finding[1] != "TRAILER"]


@pytest.mark.parametrize("field", TOTALS, ids=lambda field: field.name)
@pytest.mark.parametrize("difference", [1, 1000])
def test_a_wrong_total_is_found_where_it_stands(findings_of, field, difference):
    counted = int(LINES[-1][field.first - 1 : field.last])
    lines = changed(LAST, (field.first, f"{counted + difference:09}"))
    reason = f"must be the number counted in the file, {counted}, not {counted + difference}"
    assert findings_of(lines) == [(LAST, "TRAILER", field.first, field.name, reason)]


def test_there_are_forty_three_totals_from_12_to_407():
    assert len(TOTALS) == 43
    assert (TOTALS[0].first, TOTALS[-1].last) == (12, 407)


@pytest.mark.parametrize(
    ("status", "position"),
    {
        "DF": 30, "DA": 66, "05": 75, "61": 102, "62": 111, "63": 120, "65": 138, "78": 156, "80": 165, "82": 174,
        "83": 183, "84": 192, "88": 201, "89": 210, "93": 219, "94": 228, "95": 237, "96": 246,
    }.items(),
)  # fmt: skip
def test_every_status_is_counted_where_the_format_says(findings_of, status, position):
    found = [finding[2:4] for finding in findings_of(changed(LATE, (124, status))) if finding[1] == "TRAILER"]
    assert found == sorted([(147, "total_status_71"), (position, f"total_status_{status.lower()}")])


def test_identity_that_is_not_given_is_not_counted(findings_of):
    lines = changed(LATE, (298, "999999999"), (315, "0000000000"))
    assert [finding[2:] for finding in findings_of(lines)] == [
        (327, "total_ssns", "must be the number counted in the file, 7, not 8"),
        (336, "total_ssns_base", "must be the number counted in the file, 5, not 6"),
        (399, "total_telephones", "must be the number counted in the file, 7, not 8"),
    ]


# --- Lengths ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "segment", "length"),
    [(1, "HEADER", 426), (FULL, "BASE", 1064), (LATE, "BASE", 426), (LAST, "TRAILER", 426)],
)
def test_a_length_that_is_not_the_lines_is_found(findings_of, number, segment, length):
    reason = f"must be the length of the line, {length:04}, not 0425"
    assert findings_of(changed(number, (1, "0425"))) == [(number, segment, 1, "record_descriptor_word", reason)]


@pytest.mark.parametrize("number", [1, FULL, LATE, LAST])
@pytest.mark.parametrize("change", ["cut", "longer"])
def test_a_line_that_is_cut_or_longer_is_found_once(findings_of, number, change):
    line = LINES[number - 1]
    wrong = line[:-1] if change == "cut" else line + " "
    reason = f"must be the length of the line, {len(wrong):04}, not {len(line):04}"
    found = findings_of((*LINES[: number - 1], wrong, *LINES[number:]))
    assert [finding[0] for finding in found] == [number]
    assert found[0][2:] == (1, "record_descriptor_word", reason)


def test_a_record_shorter_than_any_is_found(findings_of):
    short = rdw(LINES[LATE - 1][:100])
    reason = "must be at least 0426, and the line has as many characters: it has 100"
    assert findings_of((*LINES[:2], short, *LINES[3:])) == [(LATE, "BASE", 1, "record_descriptor_word", reason)]


def test_a_header_longer_than_any_is_found(findings_of):
    reason = "must be 0426, and the line has as many characters: it has 430"
    lines = (rdw(LINES[0] + "    "), *LINES[1:])
    assert findings_of(lines) == [(1, "HEADER", 1, "record_descriptor_word", reason)]


# --- Segments ---------------------------------------------------------------------------------------------------------


def test_segments_follow_in_order(findings_of):
    lines = (*LINES[:2], rdw(LINES[LATE - 1] + K2 + K1), *LINES[3:])
    assert but_the_trailer(findings_of(lines)) == [(LATE, "K1", 461, "segment_identifier", ORDER)]


def test_only_consumers_may_be_several(findings_of):
    twice = (*LINES[:2], rdw(LINES[LATE - 1] + K1 + K1), *LINES[3:])
    assert but_the_trailer(findings_of(twice)) == [(LATE, "K1", 461, "segment_identifier", ORDER)]
    consumers = (*LINES[:2], rdw(LINES[LATE - 1] + J1 + J1), *LINES[3:])
    assert but_the_trailer(findings_of(consumers)) == []


def test_a_segment_that_is_cut_though_the_length_is_right_is_found(findings_of):
    lines = (*LINES[:2], rdw(LINES[LATE - 1] + K1[:-1]), *LINES[3:])
    assert findings_of(lines) == [(LATE, "RECORD", 427, "segment_identifier", UNKNOWN)]


def test_rules_hold_for_a_segment_wherever_it_stands(findings_of):
    nameless = edited(J1, 4, " " * 25)
    lines = (*LINES[:2], rdw(LINES[LATE - 1] + J1 + nameless), *LINES[3:])
    found = but_the_trailer(findings_of(lines))
    assert [finding[:4] for finding in found] == [(LATE, "J1", 426 + 100 + 4, "surname")]


# --- Order ------------------------------------------------------------------------------------------------------------


def test_a_file_begins_with_its_header_and_ends_with_its_trailer(findings_of):
    assert findings_of(LINES[1:])[0] == (1, "HEADER", 5, "record_identifier", "must be HEADER in the first line")
    missing = (LAST - 1, "TRAILER", 5, "record_identifier", "must be TRAILER in the last line")
    assert findings_of(LINES[:-1]) == [missing]
    assert findings_of(LINES[:1]) == [(1, *missing[1:])]


def test_header_and_trailer_stand_nowhere_else(findings_of):
    lines = (LINES[0], LINES[0], LINES[-1], *LINES[1:])
    assert findings_of(lines) == [
        (2, "HEADER", 5, "record_identifier", "must be HEADER in the first line only"),
        (3, "TRAILER", 5, "record_identifier", "must be TRAILER in the last line only"),
    ]


def test_a_month_without_loans_is_a_clean_file(findings_of):
    trailer = "".join(
        character if position < 12 or position > 407 or character == " " else "0"
        for position, character in enumerate(LINES[-1], start=1)
    )
    assert findings_of((LINES[0], edited(trailer, 57, "000000002"))) == []


def test_an_account_is_reported_once(findings_of):
    lines = changed(LAST - 1, (43, "LN00000003"))
    reason = "must be unique, and is also on line 3"
    assert findings_of(lines) == [(LAST - 1, "BASE", 43, "consumer_account_number", reason)]


# --- Whatever else a file can be --------------------------------------------------------------------------------------


def found_in(path, **options):
    return [tuple(finding) for finding in Validation(path, today=TODAY, **options).findings()]


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path):
    missing = tmp_path / "missing.m2"
    assert found_in(missing) == [(0, "FILE", 0, "file", "must be readable: No such file or directory")]
    assert found_in(tmp_path) == [(0, "FILE", 0, "file", "must be readable: Is a directory")]


def test_a_previous_file_that_cannot_be_read_is_a_finding(tmp_path):
    file = tmp_path / "file.m2"
    file.write_text("\n".join(LINES))
    assert found_in(file, previous=tmp_path / "missing.m2") == [
        (0, "PREVIOUS", 0, "file", "must be readable: No such file or directory")
    ]


def test_an_empty_file_is_a_finding(tmp_path):
    (tmp_path / "empty.m2").touch()
    assert found_in(tmp_path / "empty.m2") == [(0, "FILE", 0, "file", "must not be empty")]


@pytest.mark.parametrize(
    "content", [bytes(range(256)) * 100, b"\x89PNG\r\n\x1a\n" + b"\x00" * 10_000, "Zürich\n".encode()]
)
def test_a_binary_file_is_one_finding(tmp_path, content):
    (tmp_path / "binary.m2").write_bytes(content)
    assert found_in(tmp_path / "binary.m2") == [
        (1, "FILE", 1, "file", "must be in the 426-character format: this is binary")
    ]


@pytest.mark.timeout(20)
def test_a_device_without_end_is_one_finding():
    assert len(found_in(Path("/dev/zero"))) == 1


def test_a_line_without_end_is_read_at_constant_memory_and_is_a_finding(tmp_path):
    file = tmp_path / "endless.m2"
    with file.open("w") as lines:
        lines.write(LINES[0] + "\n" + LINES[1] + "9" * 30_000_000 + "\n" + LINES[-1] + "\n")
    tracemalloc.start()
    found = found_in(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    reason = "must be the length of the line, which is longer than any record: 9999"
    assert found == [(2, "BASE", 1, "record_descriptor_word", reason)]
    assert peak < 2_000_000


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_may_end_as_on_either_system_and_the_last_one_not_at_all(tmp_path, end):
    (tmp_path / "file.m2").write_bytes(end.join(LINES).encode())
    assert found_in(tmp_path / "file.m2") == []


def test_any_text_gives_findings_and_no_exception(findings_of):
    assert findings_of(["loan,balance", "1,2", "", "x" * 500, "0426"])


def test_a_full_disk_is_a_finding(tmp_path, monkeypatch):
    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Accounts, "see", full)
    (tmp_path / "file.m2").write_text("\n".join(LINES))
    reason = "cannot be examined, the scratch database failed: database or disk is full"
    assert found_in(tmp_path / "file.m2") == [(0, "FILE", 0, "file", reason)]


def test_memory_does_not_grow_with_the_file(tmp_path):
    def peak(records):
        file = tmp_path / f"{records}.m2"
        with file.open("w") as lines:
            lines.write(LINES[0] + "\n")
            lines.writelines(f"{base(f'LN{number:08}', {})}\n" for number in range(records))
            lines.write(LINES[-1] + "\n")
        tracemalloc.start()
        found = sum(1 for _ in Validation(file, today=TODAY, previous=file).findings())
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found
        return used

    peak(10)
    assert peak(4_000) < peak(400) + 100_000


def test_the_file_adds_up_to_its_balances(tmp_path):
    (tmp_path / "file.m2").write_text("\n".join(LINES))
    validation = Validation(tmp_path / "file.m2", today=TODAY)
    assert list(validation.findings()) == []
    assert validation.tally.records == len(RECORDS)
    assert validation.tally.balance == 4 * 8200 + 7900
