"""One file of each kind of damage: the validator catches it, and so do we, and nothing is taken."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.ach.exceptions import BadFileError, BadRecordError, BadTotalsError
from payments.ach.reading import read_file
from tests.unit.payments.samples import a_debit, a_file

HEADER, BATCH, FIRST, SECOND, BATCH_CONTROL, FILE_CONTROL = range(6)


def sound_file():
    return a_file(a_debit(), a_debit(number=2, routing_number="231380104"))


def damaged(line, pattern, replacement):
    """The sound file with one change on one line."""
    lines = sound_file().decode().splitlines()
    lines[line], changes = re.subn(pattern, replacement, lines[line], count=1)
    assert changes == 1
    return "\n".join(lines).encode()


def reordered(*order):
    lines = sound_file().decode().splitlines()
    return "\n".join([*(lines[n] for n in order), *lines[6:]]).encode()


def test_the_undamaged_file_is_sound(achcli):
    assert achcli.read(sound_file())["fileControl"]["entryAddendaCount"] == 2
    assert len(read_file(sound_file()).batches[0].entries) == 2


DAMAGES = {
    "batch's hash": (
        damaged(BATCH_CONTROL, "^(8225000002)0025", r"\g<1>0026"),
        "EntryHash calculated 25238012",
        "hash",
    ),
    "batch's debits": (
        damaged(BATCH_CONTROL, "25090", "25091"),
        "TotalDebitEntryDollarAmount calculated 25090",
        "debit",
    ),
    "batch's credits": (
        damaged(BATCH_CONTROL, "0{12}(?=1234567890)", "000000000001"),
        "TotalCreditEntryDollarAmount calculated 0",
        "credit",
    ),
    "batch's count": (damaged(BATCH_CONTROL, "^8225000002", "8225000003"), "EntryAddendaCount calculated 2", "entries"),
    "batch's company": (
        damaged(BATCH_CONTROL, "1234567890", "1234567891"),
        "CompanyIdentification header",
        "company_id",
    ),
    "batch's class": (damaged(BATCH_CONTROL, "^8225", "8200"), "ServiceClassCode header 225", "service_class"),
    "batch's bank": (damaged(BATCH_CONTROL, "09100001", "09100002"), "ODFIIdentification header", "originating_bank"),
    "batch's number": (damaged(BATCH_CONTROL, "1$", "2"), "BatchNumber header 1", "batch_number"),
    "file's hash": (damaged(FILE_CONTROL, "0025238012", "0025238013"), "EntryHash calculated 25238012", "hash"),
    "file's debits": (damaged(FILE_CONTROL, "25090", "25091"), "TotalDebitEntryDollarAmountInFile", "debit"),
    "file's count": (damaged(FILE_CONTROL, "00000002", "00000003"), "EntryAddendaCount calculated 2", "entries"),
    "file's batches": (damaged(FILE_CONTROL, "^9000001", "9000002"), "BatchCount calculated 1", "batches"),
    "amount": (damaged(FIRST, "12545", "12546"), "TotalDebitEntryDollarAmount calculated 25091", "debit"),
    "another bank": (damaged(FIRST, "021000021", "011000015"), "EntryHash calculated 24238011", "hash"),
}
MALFORMED = {
    "check digit": (damaged(FIRST, "021000021", "021000022"), "calculated check digit 1", "Line 3: The check digit"),
    "short record": (
        damaged(BATCH_CONTROL, "1234567890 ", "1234567890"),
        "must be 94 characters",
        "Line 5 has 93 characters",
    ),
    "long record": (damaged(BATCH_CONTROL, "$", "00"), "must be 94 characters", "Line 5 has 96 characters"),
    "traces not ascending": (
        reordered(HEADER, BATCH, SECOND, FIRST, BATCH_CONTROL, FILE_CONTROL),
        "TraceNumber must be in ascending order",
        "Line 4: trace 091000010000001 does not ascend",
    ),
    "a letter in an amount": (damaged(FIRST, "12545", "125X5"), "out-of-balance", "is '00000125X5' instead of digits"),
    "no batch control": (
        reordered(HEADER, BATCH, FIRST, SECOND, FILE_CONTROL),
        "ServiceClassCode header 225 is not equal to control 200",
        "Line 5 is a record '9', which cannot stand there",
    ),
    "no batch header": (
        reordered(HEADER, FIRST, SECOND, BATCH_CONTROL, FILE_CONTROL),
        "entry outside of batch",
        "Line 2 is a record '6', which cannot stand there",
    ),
    "no entries": (
        reordered(HEADER, BATCH, BATCH_CONTROL, FILE_CONTROL),
        "must have Entry Record",
        "Line 3 is a record '8', which cannot stand there",
    ),
    "no file header": (
        reordered(BATCH, FIRST, SECOND, BATCH_CONTROL, FILE_CONTROL),
        "none or more than one file headers",
        "Line 1 is a record '5', which cannot stand there",
    ),
    "cut off": (
        sound_file()[: 95 * 5],
        "none or more than one file control",
        "The file ends after line 5 without a file control",
    ),
    "empty": (b"", "none or more than one file headers", "The file ends after line 0"),
    "more after the end": (
        sound_file()[: 95 * 9] + b"6" * 94,
        "records found after file control",
        "Line 10 follows the file control and is no filler",
    ),
}
#: What the validator lets pass, and we do not.
OURS_ALONE = {
    "file's blocks": (damaged(FILE_CONTROL, "^9000001000001", "9000001000002"), "blocks is stated as 2 but is 1"),
    "not ASCII": (sound_file().replace(b"Ann Lee", b"Ann L\xe9e"), "Byte 250 is not ASCII"),
    "unknown addenda": (sound_file().replace(b"\n8225", b"\n705" + b" " * 91 + b"\n8225"), "addenda of type '05'"),
}


@pytest.mark.parametrize(("data", "said", "named"), DAMAGES.values(), ids=DAMAGES)
def test_a_wrong_total_is_caught(achcli, data, said, named):
    assert said in achcli.fault(data)
    with pytest.raises(BadTotalsError, match=f"{named}.* is stated as .* but is .*Nothing was taken"):
        read_file(data)


@pytest.mark.parametrize(("data", "said", "named"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_file_is_caught(achcli, data, said, named):
    assert said in achcli.fault(data)
    with pytest.raises(BadRecordError, match=f"{named}.*Nothing was taken"):
        read_file(data)


@pytest.mark.parametrize(("data", "named"), OURS_ALONE.values(), ids=OURS_ALONE)
def test_what_the_validator_overlooks_is_caught_too(data, named):
    with pytest.raises(BadFileError, match=f"{named}.*Nothing was taken"):
        read_file(data)


@given(st.integers(0, 94 * 6 - 1), st.characters(min_codepoint=0x20, max_codepoint=0x7E))
def test_no_change_of_a_digit_that_counts_passes(place, character):
    """Whatever passes with one character changed has the same money for the same accounts' banks."""
    lines = sound_file().decode().splitlines()
    line, column = divmod(place, 94)
    lines[line] = lines[line][:column] + character + lines[line][column + 1 :]
    try:
        file = read_file("\n".join(lines).encode())
    except BadFileError:
        return
    fields = [(e.fields["cents"], e.fields["routing_number"]) for batch in file.batches for e in batch.entries]
    assert fields == [("0000012545", "021000021"), ("0000012545", "231380104")]
