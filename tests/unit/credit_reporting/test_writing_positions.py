"""Every field of every segment stands where the published layout has it, in its class, and missing ones are filled."""

from itertools import pairwise
from typing import NamedTuple

import pytest

from credit_reporting.metro2 import layout
from credit_reporting.metro2.exceptions import FieldError, MissingValueError
from credit_reporting.metro2.records import J1, J2, K1, K2, K3, K4, L1, N1, Base, Header, Record, Trailer
from credit_reporting.metro2.writing import header_line, record_line, trailer_line
from tests.unit.credit_reporting.sample_records import FULL_BASE, HEADER, SEGMENTS, alone

# First and last position, class (N: numbers, zero-filled; A: text, blank-filled), whether it must be there, the
# attribute (none: a constant), and what the samples' value becomes. Typed from the published layout.
HEADER_FIELDS = [
    (1, 4, "N", "!", None, "0426"),
    (5, 10, "A", "!", None, "HEADER"),
    (11, 12, "A", "", "cycle", "15"),
    (13, 22, "A", "", "innovis_id", "INNO123456"),
    (23, 32, "A", "", "equifax_id", "EQUI1234  "),
    (33, 37, "A", "", "experian_id", "EXP12"),
    (38, 47, "A", "", "transunion_id", "TRANS9    "),
    (48, 55, "N", "!", "activity_date", "02292024"),
    (56, 63, "N", "!", "created_on", "03012024"),
    (64, 71, "N", "", "program_date", "11302023"),
    (72, 79, "N", "", "program_revision_date", "12312023"),
    (80, 119, "A", "!", "reporter_name", "ACME LENDING".ljust(40)),
    (120, 215, "A", "!", "reporter_address", "1 MAIN ST, SPRINGFIELD IL 62701".ljust(96)),
    (216, 225, "N", "", "reporter_phone", "2175550100"),
    (226, 265, "A", "", "vendor_name", "MATINS".ljust(40)),
    (266, 270, "A", "", "vendor_version", "0.1.0"),
    (271, 280, "A", "", "microbilt_id", "PRBC000001"),
    (281, 426, "A", "", None, " " * 146),
]
BASE_FIELDS = [
    (1, 4, "N", "!", None, "0426"),
    (5, 5, "N", "!", None, "1"),
    (6, 19, "N", "", "time_stamp", "03012024090807"),
    (20, 20, "N", "!", None, "0"),
    (21, 40, "A", "!", "identification_number", "ACME001             "),
    (41, 42, "A", "", "cycle", "7 "),
    (43, 72, "A", "!", "account_number", "LN0000042                     "),
    (73, 73, "A", "!", "portfolio_type", "I"),
    (74, 75, "A", "!", "account_type", "01"),
    (76, 83, "N", "!", "date_opened", "01152023"),
    (84, 92, "N", "", "credit_limit", "000000001"),
    (93, 101, "N", "", "original_amount", "000015000"),
    (102, 104, "A", "!", "terms_duration", "036"),
    (105, 105, "A", "", "terms_frequency", "M"),
    (106, 114, "N", "", "scheduled_payment", "000000480"),
    (115, 123, "N", "", "actual_payment", "000000480"),
    (124, 125, "A", "!", "account_status", "71"),
    (126, 126, "A", "", "payment_rating", "1"),
    (127, 150, "A", "!", "payment_history_profile", "0123456DEGHJKL00BBBBBBBB"),
    (151, 152, "A", "", "special_comment", "CP"),
    (153, 154, "A", "", "compliance_condition", "XB"),
    (155, 163, "N", "", "current_balance", "000009999"),
    (164, 172, "N", "", "amount_past_due", "000000960"),
    (173, 181, "N", "", "original_charge_off", "000000012"),
    (182, 189, "N", "!", "date_of_account_information", "02292024"),
    (190, 197, "N", "", "date_of_first_delinquency", "02142024"),
    (198, 205, "N", "", "date_closed", "02202024"),
    (206, 213, "N", "", "date_of_last_payment", "12152023"),
    (214, 214, "A", "", "interest_type", "F"),
    (215, 231, "A", "", None, " " * 17),
    (232, 256, "A", "!", "surname", "VAN DYKE".ljust(25)),
    (257, 276, "A", "!", "first_name", "MARY-ANN".ljust(20)),
    (277, 296, "A", "", "middle_name", "LEE".ljust(20)),
    (297, 297, "A", "", "generation_code", "3"),
    (298, 306, "N", "", "ssn", "900123456"),
    (307, 314, "N", "", "birth_date", "07041980"),
    (315, 324, "N", "", "phone", "2175550123"),
    (325, 325, "A", "!", "ecoa", "2"),
    (326, 327, "A", "", "consumer_information_indicator", "1A"),
    (328, 329, "A", "", "country", "US"),
    (330, 361, "A", "!", "address_line_1", "742 EVERGREEN TERRACE".ljust(32)),
    (362, 393, "A", "", "address_line_2", "APT 2".ljust(32)),
    (394, 413, "A", "!", "city", "SPRINGFIELD".ljust(20)),
    (414, 415, "A", "!", "state", "IL"),
    (416, 424, "A", "!", "zip_code", "62701    "),
    (425, 425, "A", "", "address_indicator", "Y"),
    (426, 426, "A", "", "residence_code", "R"),
]
CONSUMER_FIELDS = [
    (3, 3, "A", "", None, " "),
    (4, 28, "A", "!", "surname", "VAN DYKE".ljust(25)),
    (29, 48, "A", "!", "first_name", "MARY-ANN".ljust(20)),
    (49, 68, "A", "", "middle_name", "LEE".ljust(20)),
    (69, 69, "A", "", "generation_code", "3"),
    (70, 78, "N", "", "ssn", "900123456"),
    (79, 86, "N", "", "birth_date", "07041980"),
    (87, 96, "N", "", "phone", "2175550123"),
    (97, 97, "A", "!", "ecoa", "2"),
    (98, 99, "A", "", "consumer_information_indicator", "1A"),
]
J1_FIELDS = [(1, 2, "A", "!", None, "J1"), *CONSUMER_FIELDS, (100, 100, "A", "", None, " ")]
J2_FIELDS = [
    (1, 2, "A", "!", None, "J2"),
    *CONSUMER_FIELDS,
    (100, 101, "A", "", "country", "US"),
    (102, 133, "A", "!", "address_line_1", "742 EVERGREEN TERRACE".ljust(32)),
    (134, 165, "A", "", "address_line_2", "APT 2".ljust(32)),
    (166, 185, "A", "!", "city", "SPRINGFIELD".ljust(20)),
    (186, 187, "A", "!", "state", "IL"),
    (188, 196, "A", "!", "zip_code", "62701    "),
    (197, 197, "A", "", "address_indicator", "Y"),
    (198, 198, "A", "", "residence_code", "R"),
    (199, 200, "A", "", None, "  "),
]
K1_FIELDS = [
    (1, 2, "A", "!", None, "K1"),
    (3, 32, "A", "!", "original_creditor", "FIRST BANK".ljust(30)),
    (33, 34, "N", "!", "classification", "08"),
]
K2_FIELDS = [
    (1, 2, "A", "!", None, "K2"),
    (3, 3, "N", "!", "indicator", "1"),
    (4, 33, "A", "", "company", "SECOND BANK".ljust(30)),
    (34, 34, "A", "", None, " "),
]
K3_FIELDS = [
    (1, 2, "A", "!", None, "K3"),
    (3, 4, "N", "!", "agency", "02"),
    (5, 22, "A", "", "agency_account_number", "FHL77".ljust(18)),
    (23, 40, "A", "", "mortgage_identification_number", "100012345678901234"),
]
K4_FIELDS = [
    (1, 2, "A", "!", None, "K4"),
    (3, 4, "N", "!", "indicator", "01"),
    (5, 12, "N", "", "deferred_start", "06012024"),
    (13, 20, "N", "", "balloon_date", "01312029"),
    (21, 29, "N", "", "balloon_amount", "000002500"),
    (30, 30, "A", "", None, " "),
]
L1_FIELDS = [
    (1, 2, "A", "!", None, "L1"),
    (3, 3, "N", "!", "indicator", "3"),
    (4, 33, "A", "", "new_account_number", "LN0000043".ljust(30)),
    (34, 53, "A", "", "new_identification_number", "ACME002".ljust(20)),
    (54, 54, "A", "", None, " "),
]
N1_FIELDS = [
    (1, 2, "A", "!", None, "N1"),
    (3, 32, "A", "!", "employer", "POWER PLANT".ljust(30)),
    (33, 64, "A", "", "address_line_1", "1 REACTOR RD".ljust(32)),
    (65, 96, "A", "", "address_line_2", "SECTOR 7G".ljust(32)),
    (97, 116, "A", "", "city", "SPRINGFIELD".ljust(20)),
    (117, 118, "A", "", "state", "IL"),
    (119, 127, "A", "", "zip_code", "627019999"),
    (128, 145, "A", "", "occupation", "INSPECTOR".ljust(18)),
    (146, 146, "A", "", None, " "),
]
# The first position of each counter of nine digits.
TRAILER_COUNTERS = {
    "base_records": 12, "status_df": 30, "j1_segments": 39, "j2_segments": 48, "blocks": 57, "status_da": 66,
    "status_05": 75, "status_11": 84, "status_13": 93, "status_61": 102, "status_62": 111, "status_63": 120,
    "status_64": 129, "status_65": 138, "status_71": 147, "status_78": 156, "status_80": 165, "status_82": 174,
    "status_83": 183, "status_84": 192, "status_88": 201, "status_89": 210, "status_93": 219, "status_94": 228,
    "status_95": 237, "status_96": 246, "status_97": 255, "ecoa_z": 264, "n1_segments": 273, "k1_segments": 282,
    "k2_segments": 291, "k3_segments": 300, "k4_segments": 309, "l1_segments": 318, "all_ssns": 327,
    "base_ssns": 336, "j1_ssns": 345, "j2_ssns": 354, "all_birth_dates": 363, "base_birth_dates": 372,
    "j1_birth_dates": 381, "j2_birth_dates": 390, "all_phones": 399,
}  # fmt: skip
TRAILER = Trailer(**{name: start + 100_000_000 for name, start in TRAILER_COUNTERS.items()})
TRAILER_FIELDS = [
    (1, 4, "N", "!", None, "0426"),
    (5, 11, "A", "!", None, "TRAILER"),
    (12, 20, "N", "", "base_records", "100000012"),
    (21, 29, "A", "", None, " " * 9),
    *[
        (start, start + 8, "N", "", name, str(start + 100_000_000))
        for name, start in TRAILER_COUNTERS.items()
        if name != "base_records"
    ],
    (408, 426, "A", "", None, " " * 19),
]

TABLES = {
    "header": (HEADER_FIELDS, layout.HEADER, 426),
    "base": (BASE_FIELDS, layout.BASE, 426),
    "j1": (J1_FIELDS, layout.J1, 100),
    "j2": (J2_FIELDS, layout.J2, 200),
    "k1": (K1_FIELDS, layout.K1, 34),
    "k2": (K2_FIELDS, layout.K2, 34),
    "k3": (K3_FIELDS, layout.K3, 40),
    "k4": (K4_FIELDS, layout.K4, 30),
    "l1": (L1_FIELDS, layout.L1, 54),
    "n1": (N1_FIELDS, layout.N1, 146),
    "trailer": (TRAILER_FIELDS, layout.TRAILER, 426),
}


class Place(NamedTuple):
    """A row of a table and the segment it is of."""

    segment: str
    first: int
    last: int
    kind: str
    needed: str
    name: str | None
    expected: str

    def of(self, line):
        return line[self.first - 1 : self.last]


EVERY_FIELD = [Place(segment, *row) for segment, (table, _, _) in TABLES.items() for row in table]
VARIABLES = [place for place in EVERY_FIELD if place.name]


def place_id(place):
    return f"{place.segment}-{place.first}"


def written(segment, **changes):
    """Return a sample segment as it stands in a line, with changes."""
    if segment == "header":
        return header_line(HEADER._replace(**changes))
    if segment == "trailer":
        return trailer_line(TRAILER._replace(**changes))
    if segment == "base":
        return record_line(Record(base=FULL_BASE._replace(**changes)))
    segments = alone(segment)
    changed = SEGMENTS[segment]._replace(**changes)
    return record_line(segments._replace(**{segment: (changed,) if segment in {"j1", "j2"} else changed}))[426:]


@pytest.mark.parametrize(("table", "_layout", "length"), TABLES.values(), ids=TABLES)
def test_the_table_tiles_the_segment(table, _layout, length):
    assert table[0][0] == 1
    assert table[-1][1] == length
    assert all(right[0] == left[1] + 1 for left, right in pairwise(table))


@pytest.mark.parametrize("place", EVERY_FIELD, ids=place_id)
def test_each_field_stands_at_its_positions(place):
    assert place.of(written(place.segment)) == place.expected


@pytest.mark.parametrize(("table", "described", "length"), TABLES.values(), ids=TABLES)
def test_the_layout_states_the_same_positions_classes_and_names(table, described, length):
    stated = [
        (field.first, field.last, "N" if field.numeric else "A", field.name or None) for field in described.fields
    ]
    assert stated == [(first, last, kind, name) for first, last, kind, _, name, _ in table]


@pytest.mark.parametrize("nothing", [None, ""])
@pytest.mark.parametrize("place", VARIABLES, ids=place_id)
def test_what_is_missing_is_zeros_or_blanks_or_refused(place, nothing):
    if place.needed:
        with pytest.raises(
            MissingValueError, match=rf"{place.name} \(.*positions {place.first}-{place.last}\) is missing"
        ):
            written(place.segment, **{place.name: nothing})
    else:
        filling = {"0" if place.kind == "N" else " "}
        assert set(place.of(written(place.segment, **{place.name: nothing}))) == filling


@pytest.mark.parametrize("place", VARIABLES, ids=place_id)
def test_what_cannot_be_written_is_refused_by_name_and_position(place):
    # A letter is no number, and a control character no text.
    value = "x" if place.kind == "N" else "A\x00B"
    with pytest.raises(FieldError, match=rf"{place.name} \(.*positions {place.first}-{place.last}\) cannot be"):
        written(place.segment, **{place.name: value})


@pytest.mark.parametrize("kind", [Header, Base, J1, J2, K1, K2, K3, K4, L1, N1, Trailer])
def test_a_record_has_its_values_in_the_order_of_the_layout(kind):
    fields = getattr(layout, kind.__name__.upper()).variables
    assert kind._fields == tuple(field.name for field in fields)
