"""A header, an account and its segments, with a value in every field."""

from datetime import UTC, date, datetime
from decimal import Decimal

from credit_reporting.metro2.records import J1, J2, K1, K2, K3, K4, L1, N1, Base, Header, Record
from credit_reporting.metro2.totals import Totals
from credit_reporting.metro2.writing import header_line, record_line, trailer_line

D = Decimal
STATUSES = (
    "05", "11", "13", "61", "62", "63", "64", "65", "71", "78", "80", "82", "83", "84", "88", "89", "93", "94", "95",
    "96", "97", "DA", "DF",
)  # fmt: skip

HEADER = Header(
    cycle="15",
    innovis_id="INNO123456",
    equifax_id="EQUI1234",
    experian_id="EXP12",
    transunion_id="TRANS9",
    activity_date=date(2024, 2, 29),
    created_on=date(2024, 3, 1),
    program_date=date(2023, 11, 30),
    program_revision_date=date(2023, 12, 31),
    reporter_name="Acme Lending",
    reporter_address="1 Main St, Springfield IL 62701",
    reporter_phone="2175550100",
    vendor_name="Matins",
    vendor_version="0.1.0",
    microbilt_id="PRBC000001",
)

CONSUMER = {
    "surname": "Van Dyke",
    "first_name": "Mary-Ann",
    "middle_name": "Lee",
    "generation_code": "3",
    "ssn": "900123456",
    "birth_date": date(1980, 7, 4),
    "phone": "2175550123",
    "ecoa": "2",
    "consumer_information_indicator": "1A",
}
ADDRESS = {
    "country": "US",
    "address_line_1": "742 Evergreen Terrace",
    "address_line_2": "Apt 2",
    "city": "Springfield",
    "state": "IL",
    "zip_code": "62701",
    "address_indicator": "Y",
    "residence_code": "R",
}

FULL_BASE = Base(
    time_stamp=datetime(2024, 3, 1, 9, 8, 7, tzinfo=UTC),
    identification_number="ACME001",
    cycle="7",
    account_number="LN0000042",
    portfolio_type="I",
    account_type="01",
    date_opened=date(2023, 1, 15),
    credit_limit=D("1.99"),
    original_amount=D("15000.99"),
    terms_duration="036",
    terms_frequency="M",
    scheduled_payment=D("480.23"),
    actual_payment=480,
    account_status="71",
    payment_rating="1",
    payment_history_profile="0123456DEGHJKL00BBBBBBBB",
    special_comment="CP",
    compliance_condition="XB",
    current_balance=D("9999.999"),
    amount_past_due=D("960.46"),
    original_charge_off=D("12"),
    date_of_account_information=date(2024, 2, 29),
    date_of_first_delinquency=date(2024, 2, 14),
    date_closed=date(2024, 2, 20),
    date_of_last_payment=date(2023, 12, 15),
    interest_type="F",
    **CONSUMER,
    **ADDRESS,
)

SEGMENTS = {
    "j1": J1(**CONSUMER),
    "j2": J2(**CONSUMER, **ADDRESS),
    "k1": K1(original_creditor="First Bank", classification="08"),
    "k2": K2(indicator="1", company="Second Bank"),
    "k3": K3(agency="02", agency_account_number="FHL77", mortgage_identification_number="100012345678901234"),
    "k4": K4(
        indicator="01", deferred_start=date(2024, 6, 1), balloon_date=date(2029, 1, 31), balloon_amount=D("2500.75")
    ),
    "l1": L1(indicator="3", new_account_number="LN0000043", new_identification_number="ACME002"),
    "n1": N1(
        employer="Power Plant",
        address_line_1="1 Reactor Rd",
        address_line_2="Sector 7G",
        city="Springfield",
        state="IL",
        zip_code="627019999",
        occupation="Inspector",
    ),
}

# What an instalment loan in good standing says at least.
PLAIN_BASE = Base(
    identification_number="ACME001",
    account_number="LN0000001",
    portfolio_type="I",
    account_type="01",
    date_opened=date(2023, 12, 15),
    terms_duration="036",
    account_status="11",
    payment_history_profile="B" * 24,
    date_of_account_information=date(2024, 2, 29),
    surname="Doe",
    first_name="Jane",
    ecoa="1",
    address_line_1="1 Elm St",
    city="Springfield",
    state="IL",
    zip_code="62701",
)


def record(**changes):
    """Return a record of the plain base segment with changes and nothing behind it."""
    return Record(base=PLAIN_BASE._replace(**changes))


def alone(name):
    """Return a record of the plain base segment and one segment."""
    segment = SEGMENTS[name]
    return Record(base=PLAIN_BASE, **{name: (segment,) if name in {"j1", "j2"} else segment})


def file_of(records):
    """Return the lines of a whole file, as the night writes it."""
    totals, written = Totals(), []
    for one in records:
        written.append(record_line(one))
        totals.add(one)
    return [header_line(HEADER), *written, trailer_line(totals.trailer())]
