"""Where each field of Metro 2's character format stands: header, base segment, the segments after it, trailer.

Source: the layout of the Credit Reporting Resource Guide (CDIA) as public parsers state it: CFPB's `fields.py` (public
domain) for all but the trailer, and moov's `specifications.go` for all. Both agree on every position.
"""

from credit_reporting.metro2.fields import (
    Field,
    Layout,
    amount,
    balance,
    blank,
    code,
    constant,
    day,
    digits,
    exact,
    identifier,
    moment,
    not_filled,
    number_of,
    one_of,
    private,
    text,
)

_STATUSES = "05 11 13 61 62 63 64 65 71 78 80 82 83 84 88 89 93 94 95 96 97 DA DF"
_TWO_LETTERS = "[A-Z]{2}", "two letters"
_SHORT_CODE = "[0-9A-Z][0-9A-Z ]", "a code of one or two letters and digits"
# B stands at the end or nowhere: whatever follows it is another B.
_HISTORY = "[0-6BDEGHJKL](?:B|(?<!B)[0-6DEGHJKL]){23}", "24 of 0-6 D E G H J K L, most recent first, B only at the end"

_COUNTERS = (
    "status_df", "j1_segments", "j2_segments", "blocks", "status_da", "status_05", "status_11", "status_13",
    "status_61", "status_62", "status_63", "status_64", "status_65", "status_71", "status_78", "status_80", "status_82",
    "status_83", "status_84", "status_88", "status_89", "status_93", "status_94", "status_95", "status_96", "status_97",
    "ecoa_z", "n1_segments", "k1_segments", "k2_segments", "k3_segments", "k4_segments", "l1_segments",
    "all_ssns", "base_ssns", "j1_ssns", "j2_ssns", "all_birth_dates", "base_birth_dates", "j1_birth_dates",
    "j2_birth_dates", "all_phones",
)  # fmt: skip
_FIRST_COUNTER, _COUNTER_WIDTH = 30, 9


def _consumer(start: int) -> tuple[Field, ...]:
    """Return the fields of a person, from `start`: 96 positions that base segment, J1 and J2 have in common."""
    return (
        private(text(start, start + 24, "surname", required=True)),
        private(text(start + 25, start + 44, "first_name", required=True)),
        private(text(start + 45, start + 64, "middle_name")),
        one_of(start + 65, start + 65, "generation_code", "J S 2 3 4 5 6 7 8 9"),
        private(digits(start + 66, start + 74, "ssn")),
        private(day(start + 75, start + 82, "birth_date")),
        private(digits(start + 83, start + 92, "phone")),
        one_of(start + 93, start + 93, "ecoa", "1 2 3 5 7 T X W Z", required=True),
        code(start + 94, start + 95, "consumer_information_indicator", *_SHORT_CODE),
    )


def _address(start: int) -> tuple[Field, ...]:
    """Return the fields of an address, from `start`: 99 positions that base segment and J2 have in common."""
    return (
        code(start, start + 1, "country", *_TWO_LETTERS),
        private(text(start + 2, start + 33, "address_line_1", required=True)),
        private(text(start + 34, start + 65, "address_line_2")),
        private(text(start + 66, start + 85, "city", required=True)),
        code(start + 86, start + 87, "state", *_TWO_LETTERS, required=True),
        private(identifier(start + 88, start + 96, "zip_code", required=True)),
        one_of(start + 97, start + 97, "address_indicator", "C Y N M S B U D P"),
        one_of(start + 98, start + 98, "residence_code", "O R"),
    )


def _counters() -> tuple[Field, ...]:
    starts = (_FIRST_COUNTER + _COUNTER_WIDTH * at for at in range(len(_COUNTERS)))
    return tuple(amount(start, start + _COUNTER_WIDTH - 1, name) for start, name in zip(starts, _COUNTERS, strict=True))


HEADER = Layout(
    "header",
    constant(1, 4, "0426", numeric=True),
    constant(5, 10, "HEADER"),
    exact(11, 12, "cycle"),
    exact(13, 22, "innovis_id"),
    exact(23, 32, "equifax_id"),
    exact(33, 37, "experian_id"),
    exact(38, 47, "transunion_id"),
    day(48, 55, "activity_date", required=True),
    day(56, 63, "created_on", required=True),
    day(64, 71, "program_date"),
    day(72, 79, "program_revision_date"),
    text(80, 119, "reporter_name", required=True),
    text(120, 215, "reporter_address", required=True),
    digits(216, 225, "reporter_phone"),
    text(226, 265, "vendor_name"),
    exact(266, 270, "vendor_version"),
    exact(271, 280, "microbilt_id"),
    blank(281, 426),
)

BASE = Layout(
    "base segment",
    # The record's own length: the writer puts it right when segments follow.
    constant(1, 4, "0426", numeric=True),
    constant(5, 5, "1", numeric=True),
    moment(6, 19, "time_stamp"),
    constant(20, 20, "0", numeric=True),
    not_filled(identifier(21, 40, "identification_number", required=True, shortest=5)),
    exact(41, 42, "cycle"),
    identifier(43, 72, "account_number", required=True),
    one_of(73, 73, "portfolio_type", "C I M O R", required=True),
    code(74, 75, "account_type", "[0-9A-Z]{2}", "two letters and digits", required=True),
    day(76, 83, "date_opened", required=True),
    amount(84, 92, "credit_limit"),
    amount(93, 101, "original_amount"),
    code(102, 104, "terms_duration", "[0-9]{3}|LOC|REV", "three digits, LOC or REV", required=True),
    one_of(105, 105, "terms_frequency", "D P W B E M L Q T S Y"),
    amount(106, 114, "scheduled_payment"),
    amount(115, 123, "actual_payment"),
    one_of(124, 125, "account_status", _STATUSES, required=True),
    one_of(126, 126, "payment_rating", "0 1 2 3 4 5 6 G L"),
    code(127, 150, "payment_history_profile", *_HISTORY, required=True),
    code(151, 152, "special_comment", *_SHORT_CODE),
    one_of(153, 154, "compliance_condition", "XA XB XC XD XE XF XG XH XJ XR"),
    balance(155, 163, "current_balance"),
    amount(164, 172, "amount_past_due"),
    amount(173, 181, "original_charge_off"),
    day(182, 189, "date_of_account_information", required=True),
    day(190, 197, "date_of_first_delinquency"),
    day(198, 205, "date_closed"),
    day(206, 213, "date_of_last_payment"),
    one_of(214, 214, "interest_type", "F V"),
    blank(215, 231),
    *_consumer(232),
    *_address(328),
)

J1 = Layout("J1 segment", constant(1, 2, "J1"), blank(3, 3), *_consumer(4), blank(100, 100))

J2 = Layout("J2 segment", constant(1, 2, "J2"), blank(3, 3), *_consumer(4), *_address(100), blank(199, 200))

K1 = Layout(
    "K1 segment",
    constant(1, 2, "K1"),
    text(3, 32, "original_creditor", required=True),
    number_of(33, 34, "classification", "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15"),
)

K2 = Layout(
    "K2 segment",
    constant(1, 2, "K2"),
    number_of(3, 3, "indicator", "1 2 9"),
    text(4, 33, "company"),
    blank(34, 34),
)

K3 = Layout(
    "K3 segment",
    constant(1, 2, "K3"),
    number_of(3, 4, "agency", "00 01 02"),
    identifier(5, 22, "agency_account_number"),
    identifier(23, 40, "mortgage_identification_number"),
)

K4 = Layout(
    "K4 segment",
    constant(1, 2, "K4"),
    number_of(3, 4, "indicator", "01 02"),
    day(5, 12, "deferred_start"),
    day(13, 20, "balloon_date"),
    amount(21, 29, "balloon_amount"),
    blank(30, 30),
)

L1 = Layout(
    "L1 segment",
    constant(1, 2, "L1"),
    number_of(3, 3, "indicator", "1 2 3"),
    identifier(4, 33, "new_account_number"),
    identifier(34, 53, "new_identification_number"),
    blank(54, 54),
)

N1 = Layout(
    "N1 segment",
    constant(1, 2, "N1"),
    private(text(3, 32, "employer", required=True)),
    private(text(33, 64, "address_line_1")),
    private(text(65, 96, "address_line_2")),
    private(text(97, 116, "city")),
    code(117, 118, "state", *_TWO_LETTERS),
    private(identifier(119, 127, "zip_code")),
    private(text(128, 145, "occupation")),
    blank(146, 146),
)

TRAILER = Layout(
    "trailer",
    constant(1, 4, "0426", numeric=True),
    constant(5, 11, "TRAILER"),
    amount(12, 20, "base_records"),
    blank(21, 29),
    *_counters(),
    blank(408, 426),
)
