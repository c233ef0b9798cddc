"""From what is stated of a loan, and who owes it, to the record that a file holds."""

from operator import itemgetter
from typing import Any, NamedTuple

from credit_reporting.metro2.records import K4, L1, Base, Header, Record
from credit_reporting.models import Bureau, Reporter
from credit_reporting.months import Month
from credit_reporting.stating import Stated
from loans.identity import Identity

_NEW_NUMBER, _BALLOON = "2", "01"
_MONTHLY = "M"
_COUNTRY = "US"
# What is missing is filled here as the file has it: with one None, or one phone that is no digits, the writer looks at
# every field, which takes it six times as long.
_NO_SSN, _NO_PHONE = "0" * 9, "0" * 10
_GENERATIONS = {
    "JR": "J",
    "SR": "S",
    "J": "J",
    "S": "S",
    **{numeral: str(n) for n, numeral in enumerate(["II", "III", "IV", "V", "VI", "VII", "VIII", "IX"], start=2)},
    **{str(n): str(n) for n in range(2, 10)},
}


class Furnisher(NamedTuple):
    """Who reports in one file: the number that the records bear, and the one that they announce, if it has changed."""

    number: str
    new_number: str


def header(reporter: Reporter, month: Month, bureau: Bureau) -> Header:
    """Return the header of a bureau's file: with its own program id, made on the night that the month is reported."""
    anyones = Header(
        activity_date=month.end,
        created_on=month.night,
        reporter_name=reporter.name,
        reporter_address=reporter.address,
        reporter_phone=reporter.phone,
        vendor_name="MATINS",
    )
    program_id: dict[str, Any] = {f"{bureau}_id": reporter.program_ids[bureau]}
    return anyones._replace(**program_id)


def record(stated: Stated, identity: Identity, *, furnisher: Furnisher, month: Month) -> Record:
    """Return the record of one loan, with the segments that apply."""
    return Record(
        base=_base(stated, identity, furnisher.number, month),
        k4=_balloon(stated) if stated.balloon_date else None,
        l1=L1(_NEW_NUMBER, new_identification_number=furnisher.new_number) if furnisher.new_number else None,
    )


# What of a record comes neither from what is stated nor from the borrower, and what nobody says.
_FIXED = ("identification_number", "time_stamp", "terms_frequency", "country")
_UNSAID = ("cycle", "credit_limit", "address_indicator", "residence_code")
_CONSUMER = (
    "surname", "first_name", "middle_name", "generation_code", "ssn", "birth_date", "phone", "address_line_1",
    "address_line_2", "city", "state", "zip_code",
)  # fmt: skip
_SAID = (*Stated._fields, *_CONSUMER, *_FIXED, *_UNSAID)
_NOTHING = ("", 0, "", "")
# By place: forty names to a call, and that for every record, take as long as writing its line.
_in_order = itemgetter(*(_SAID.index(name) for name in Base._fields))


def _base(stated: Stated, identity: Identity, number: str, month: Month) -> Base:
    fixed = (number, month.closing, _MONTHLY, _COUNTRY)
    return Base._make(_in_order((*stated, *_consumer(identity), *fixed, *_NOTHING)))


def _consumer(who: Identity) -> tuple[object, ...]:
    """Return the values of `_CONSUMER`."""
    return (
        who.surname,
        who.first_name,
        who.middle_name,
        _generation(who.generation),
        who.ssn or _NO_SSN,
        who.birth_date,
        _phone(who.phone),
        who.address_1,
        who.address_2,
        who.city,
        who.state,
        who.zip.replace("-", ""),
    )


def _balloon(stated: Stated) -> K4:
    return K4(_BALLOON, balloon_date=stated.balloon_date, balloon_amount=stated.balloon_amount)


def _generation(generation: str) -> str:
    """Return the code of Jr., Sr., II …; a later one than the ninth has none."""
    return _GENERATIONS.get(generation.upper().rstrip("."), "") if generation else ""


def _phone(phone: str) -> str:
    """Return the ten digits of a number; another one is as good as none, which is zeros."""
    digits = phone if phone.isdecimal() else "".join(filter(str.isdecimal, phone))
    return digits if len(digits) == len(_NO_PHONE) else _NO_PHONE
