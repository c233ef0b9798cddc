"""Return files as a bank hands them over: what is read in them, and what makes one be refused as a whole."""

from datetime import date
from decimal import Decimal

import pytest

from payments.ach.exceptions import BadRecordError, BadTotalsError, ForeignFileError, UnknownReturnCodeError
from payments.ach.returns import read_return_file
from payments.processors.port import Correction, Return
from tests.unit.payments.samples import ORIGINATOR, a_file

# As a bank writes them; columns as in the Nacha Operating Rules, Appendix Three and Four.
RETURNS = """\
101 091000019 0910000192401090600A094101ACME LENDING           WELLS FARGO BANK               
5225ACME LENDING                        1234567890PPDLOAN PYMT       2401050091021000020000001
62609100001912345678         0000012545LC000001       Ann Lee                 1021000020000001
799R01091000010000001      02100002                                            021000020000001
636091000019998877           0000000100LC000002       Bo Diaz                 1021000020000002
799R1509100001999999924010202100002                                            021000020000002
822500000400182000020000000126450000000000001234567890                         021000020000001
9000001000001000000040018200002000000012645000000000000                                       
9999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999
9999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999
"""  # noqa: W291 - records are 94 characters wide.


def read(text):
    return read_return_file(text.encode(), originator=ORIGINATOR, source="from-the-bank.ach")


def test_every_return_is_read_with_its_reason_trace_amount_and_date():
    file = read(RETURNS)
    assert file.created_on == date(2024, 1, 9)
    assert file.corrections == []
    assert file.returns == [
        Return(
            number=1,
            individual_id="LC000001",
            amount=Decimal("125.45"),
            code="R01",
            trace="091000010000001",
            returned_on=date(2024, 1, 9),
            source="from-the-bank.ach",
        ),
        Return(
            number=9_999_999,
            individual_id="LC000002",
            amount=Decimal("1.00"),
            code="R15",
            trace="091000019999999",
            returned_on=date(2024, 1, 9),
            source="from-the-bank.ach",
            date_of_death=date(2024, 1, 2),
        ),
    ]


def test_line_ends_do_not_matter():
    lines = RETURNS.splitlines()
    for text in ("\r\n".join(lines), "".join(lines), "\n".join(lines[:8])):
        assert read(text) == read(RETURNS)


def test_it_is_what_the_validator_finds_too(achcli):
    entries = achcli.read(RETURNS.encode())["batches"][0]["entryDetails"]
    assert [entry["addenda99"]["returnCode"] for entry in entries] == ["R01", "R15"]
    assert entries[1]["addenda99"]["dateOfDeath"] == "240102"


def notice_of_change():
    """A file with a notice of change, as the validator's own JSON."""
    bank = {"ODFIIdentification": "02100002", "companyIdentification": "1234567890"}
    entry = {
        "transactionCode": 26,
        "RDFIIdentification": "09100001",
        "checkDigit": "9",
        "DFIAccountNumber": "12345678",
        "amount": 0,
        "identificationNumber": "LC000001",
        "individualName": "Ann Lee",
        "addendaRecordIndicator": 1,
        "traceNumber": "021000020000001",
        "category": "NOC",
        "addenda98": {
            "typeCode": "98",
            "changeCode": "C01",
            "originalTrace": "091000010000001",
            "originalDFI": "02100002",
            "correctedData": "1918171614",
            "traceNumber": "021000020000001",
        },
    }
    header = {
        **bank,
        "serviceClassCode": 225,
        "companyName": "ACME LENDING",
        "standardEntryClassCode": "COR",
        "companyEntryDescription": "LOAN PYMT",
        "effectiveEntryDate": "240105",
        "originatorStatusCode": 1,
        "batchNumber": 1,
    }
    sums = {"entryAddendaCount": 2, "entryHash": 9100001, "totalDebit": 0, "totalCredit": 0}
    return {
        "fileHeader": {
            "immediateDestination": "091000019",
            "immediateOrigin": "091000019",
            "fileCreationDate": "240109",
            "fileCreationTime": "0600",
            "fileIDModifier": "A",
            "immediateDestinationName": "ACME LENDING",
            "immediateOriginName": "WELLS FARGO BANK",
        },
        "batches": [
            {
                "batchHeader": header,
                "entryDetails": [entry],
                "batchControl": {**bank, **sums, "serviceClassCode": 225, "batchNumber": 1},
            }
        ],
        "fileControl": {**sums, "batchCount": 1, "blockCount": 1},
    }


def test_a_notice_of_change_is_read_as_a_correction(achcli):
    file = read(achcli.write(notice_of_change()).decode())
    assert file.returns == []
    assert file.corrections == [
        Correction(
            number=1,
            individual_id="LC000001",
            code="C01",
            corrected="1918171614",
            trace="091000010000001",
            notified_on=date(2024, 1, 9),
            source="from-the-bank.ach",
        )
    ]


def test_the_return_of_a_credit_counts_as_a_credit(achcli):
    credit = RETURNS.replace("\n636", "\n631").replace("\n5225", "\n5200").replace("\n8225", "\n8200")
    text = credit.replace("000000012645000000000000", "000000012545000000000100")
    assert achcli.read(text.encode())["fileControl"]["totalCredit"] == 100
    assert [one.amount for one in read(text).returns] == [Decimal("125.45"), Decimal("1.00")]
    with pytest.raises(BadTotalsError, match="debit_cents is stated as 12645 but is 12545"):
        read(credit)


def test_unknown_codes_are_listed_and_nothing_is_taken():
    with pytest.raises(UnknownReturnCodeError) as raised:
        read(RETURNS.replace("799R01", "799R23").replace("799R15", "799Q7 "))
    assert str(raised.value) == (
        "Unknown return codes: 'R23' on line 3 (trace 091000010000001), 'Q7' on line 5 (trace 091000019999999). "
        "Nothing was taken; ask the bank what they mean."
    )


def test_another_companys_returns_are_refused():
    with pytest.raises(ForeignFileError, match="line 2 is that of company 1234567899, not of 1234567890"):
        read(RETURNS.replace("1234567890", "1234567899"))


def test_an_altered_amount_is_refused():
    with pytest.raises(BadTotalsError, match="debit_cents is stated as 12645 but is 12646"):
        read(RETURNS.replace("0000012545LC", "0000012546LC"))


def test_a_file_of_debits_is_no_file_of_returns():
    with pytest.raises(BadRecordError, match="The entry of line 3 is no return: it needs one addenda 99"):
        read(a_file().decode())


@pytest.mark.parametrize("wrong", ["241302", "2401  "])
def test_a_date_that_is_none_is_refused(wrong):
    with pytest.raises(BadRecordError, match="is no date"):
        read(RETURNS.replace("240102", wrong))
