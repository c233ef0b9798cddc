"""Files of debits and of returns are read by an independent validator, which finds in them what we meant."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from payments.ach.reading import read_file
from payments.ach.return_codes import CATALOGUE
from payments.ach.returns import read_return_file
from payments.ach.simulated_bank import return_files
from payments.ach.values import name_field
from payments.ach.writing import trace_number
from payments.calendar import roll_forward
from payments.processors.port import AccountType
from tests.unit.payments.samples import ORIGINATOR, a_debit, a_file

ROUTING_NUMBERS = ["021000021", "011401533", "091000019", "231380104", "011000015", "322271627"]
ACCOUNT_NUMBERS = st.from_regex(r"[0-9A-Za-z-]{1,17}", fullmatch=True)


@st.composite
def debits(draw):
    """Any debit that can be written; its number is given later."""
    return a_debit(
        individual_id=draw(st.from_regex(r"[0-9A-Za-z.-]{1,15}", fullmatch=True)),
        name=draw(st.text(st.characters(categories=["L"], max_codepoint=0x24F), min_size=1, max_size=40)),
        routing_number=draw(st.sampled_from(ROUTING_NUMBERS)),
        account_number=draw(ACCOUNT_NUMBERS),
        account_type=draw(st.sampled_from(AccountType)),
        amount=draw(st.decimals(Decimal("0.01"), Decimal("9999999.99"), places=2)),
        effective_on=roll_forward(date(2024, 1, 1) + timedelta(days=draw(st.integers(0, 60)))),
        is_retry=draw(st.booleans()),
    )


def drawn_debits(count):
    drawn = []

    @given(debits())
    @settings(max_examples=count, database=None)
    def draw(debit):
        drawn.append(debit)

    draw()
    return [replace(debit, number=number) for number, debit in enumerate(drawn, start=9_999_900)]


def written(debit):
    """What the validator must find of a debit."""
    return (
        "RETRY PYMT" if debit.is_retry else "LOAN PYMT",
        f"{debit.effective_on:%y%m%d}",
        {"CHECKING": 27, "SAVINGS": 37}[debit.account_type],
        debit.routing_number,
        debit.account_number,
        int(debit.amount * 100),
        debit.individual_id,
        name_field(debit.name),
        trace_number(ORIGINATOR, debit.number),
    )


def found(content):
    """What the validator finds, entry by entry."""
    for batch in content["batches"]:
        header = batch["batchHeader"]
        for entry in batch["entryDetails"]:
            yield (
                header["companyEntryDescription"],
                header["effectiveEntryDate"],
                entry["transactionCode"],
                entry["RDFIIdentification"] + entry["checkDigit"],
                entry["DFIAccountNumber"].strip(),
                entry["amount"],
                entry["identificationNumber"].strip(),
                entry["individualName"].strip(),
                entry["traceNumber"],
            )


def test_any_debits_are_accepted_and_found_as_they_were_meant(achcli):
    debits = drawn_debits(600)
    content = achcli.read(a_file(*debits))
    assert sorted(found(content)) == sorted(map(written, debits))
    assert content["fileControl"]["totalDebit"] == sum(int(debit.amount * 100) for debit in debits)
    assert content["fileControl"]["entryAddendaCount"] == 600
    headers = [batch["batchHeader"] for batch in content["batches"]]
    keys = [(header["effectiveEntryDate"], header["companyEntryDescription"]) for header in headers]
    assert keys == sorted(set(keys))
    assert {(header["companyName"], header["companyIdentification"]) for header in headers} == {
        ("ACME LENDING", "1234567890")
    }


def test_a_retry_differs_from_its_entry_in_trace_date_and_description_alone(achcli):
    entry = a_debit()
    retry = replace(entry, number=2, is_retry=True, effective_on=date(2024, 1, 10))
    first, second = found(achcli.read(a_file(entry, retry)))
    assert first[2:8] == second[2:8]
    assert (first[0], second[0]) == ("LOAN PYMT", "RETRY PYMT")


def test_a_file_of_thousands_of_entries_is_accepted(achcli):
    count = 10_000
    content = achcli.read(a_file(*(a_debit(number=n, routing_number=ROUTING_NUMBERS[n % 6]) for n in range(count))))
    assert content["fileControl"]["entryAddendaCount"] == count
    assert content["fileControl"]["totalDebit"] == count * 12545
    assert content["fileControl"]["blockCount"] == 1001


def debits_that_return():
    codes = sorted(CATALOGUE)
    return [
        a_debit(
            number=n,
            individual_id=f"LC{n:06d}",
            routing_number=ROUTING_NUMBERS[n % 6],
            account_number=f"{codes[n % len(codes)]}-{n}",
            account_type=list(AccountType)[n % 2],
            amount=Decimal(n) + Decimal("0.45"),
            is_retry=n % 5 == 0,
        )
        for n in range(1, 301)
    ]


def test_return_files_are_accepted_and_every_return_is_found_as_we_read_it(achcli):
    ours, theirs = [], []
    for data in return_files(read_file(a_file(*debits_that_return()))).values():
        ours += read_return_file(data, originator=ORIGINATOR, source="").returns
        theirs += [entry for batch in achcli.read(data)["batches"] for entry in batch["entryDetails"]]
    assert len(ours) == 300
    assert {entry["category"] for entry in theirs} == {"Return"}
    assert [(f"{one.number:07d}", one.individual_id, int(one.amount * 100), one.code, one.trace) for one in ours] == [
        (
            entry["addenda99"]["originalTrace"][-7:],
            entry["identificationNumber"].strip(),
            entry["amount"],
            entry["addenda99"]["returnCode"],
            entry["addenda99"]["originalTrace"],
        )
        for entry in theirs
    ]
