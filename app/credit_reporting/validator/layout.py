"""The Metro 2 character format, stated for the validator alone: every field of every segment by its position.

The generator states the layout a second time, in its own words, and a test compares the two: a slip in one of them is
found only because nothing here is shared. Positions are those of the industry's Credit Reporting Resource Guide, as
the parsers of the CFPB and of moov restate them.
"""

from credit_reporting.validator import codes
from credit_reporting.validator.fields import (
    BLANK,
    DATE,
    DATE_OR_ZEROS,
    DIGITS,
    FURNISHER,
    HISTORY,
    IDENTIFIER,
    OPTIONAL_IDENTIFIER,
    REQUIRED_TEXT,
    STATE,
    STATE_OR_BLANK,
    TERM,
    TEXT,
    TIME_STAMP,
    ZIP,
    ZIP_OR_BLANK,
    Field,
    Segment,
    constant,
    one_of,
)

HEADER = Segment(
    "HEADER",
    426,
    (
        Field("record_descriptor_word", 1, 4, DIGITS),
        Field("record_identifier", 5, 10, constant("HEADER")),
        Field("cycle_identifier", 11, 12, TEXT),
        Field("innovis_program_identifier", 13, 22, TEXT),
        Field("equifax_program_identifier", 23, 32, TEXT),
        Field("experian_program_identifier", 33, 37, TEXT),
        Field("transunion_program_identifier", 38, 47, TEXT),
        Field("activity_date", 48, 55, DATE),
        Field("date_created", 56, 63, DATE),
        Field("program_date", 64, 71, DATE_OR_ZEROS),
        Field("program_revision_date", 72, 79, DATE_OR_ZEROS),
        Field("reporter_name", 80, 119, REQUIRED_TEXT),
        Field("reporter_address", 120, 215, REQUIRED_TEXT),
        Field("reporter_telephone_number", 216, 225, DIGITS),
        Field("software_vendor_name", 226, 265, TEXT),
        Field("software_version_number", 266, 270, TEXT),
        Field("prbc_program_identifier", 271, 280, TEXT),
        Field("reserved", 281, 426, BLANK),
    ),
)

BASE = Segment(
    "BASE",
    426,
    (
        Field("record_descriptor_word", 1, 4, DIGITS),
        Field("processing_indicator", 5, 5, constant("1")),
        Field("time_stamp", 6, 19, TIME_STAMP),
        Field("reserved_indicator", 20, 20, constant("0")),
        Field("identification_number", 21, 40, FURNISHER),
        Field("cycle_identifier", 41, 42, TEXT),
        Field("consumer_account_number", 43, 72, IDENTIFIER),
        Field("portfolio_type", 73, 73, one_of(*codes.PORTFOLIO_TYPES)),
        Field("account_type", 74, 75, one_of(*codes.ACCOUNT_TYPES)),
        Field("date_opened", 76, 83, DATE),
        Field("credit_limit", 84, 92, DIGITS),
        Field("highest_credit", 93, 101, DIGITS),
        Field("terms_duration", 102, 104, TERM),
        Field("terms_frequency", 105, 105, one_of(*codes.TERMS_FREQUENCIES)),
        Field("scheduled_monthly_payment", 106, 114, DIGITS),
        Field("actual_payment", 115, 123, DIGITS),
        Field("account_status", 124, 125, one_of(*codes.ACCOUNT_STATUSES)),
        Field("payment_rating", 126, 126, one_of(*codes.PAYMENT_RATINGS, blank=True)),
        Field("payment_history_profile", 127, 150, HISTORY),
        Field("special_comment", 151, 152, one_of(*codes.SPECIAL_COMMENTS, blank=True)),
        Field("compliance_condition_code", 153, 154, one_of(*codes.COMPLIANCE_CONDITIONS, blank=True)),
        Field("current_balance", 155, 163, DIGITS),
        Field("amount_past_due", 164, 172, DIGITS),
        Field("original_charge_off_amount", 173, 181, DIGITS),
        Field("date_of_account_information", 182, 189, DATE),
        Field("date_of_first_delinquency", 190, 197, DATE_OR_ZEROS),
        Field("date_closed", 198, 205, DATE_OR_ZEROS),
        Field("date_of_last_payment", 206, 213, DATE_OR_ZEROS),
        Field("interest_type_indicator", 214, 214, one_of("F", "V", blank=True)),
        Field("reserved", 215, 231, BLANK),
        Field("surname", 232, 256, REQUIRED_TEXT),
        Field("first_name", 257, 276, REQUIRED_TEXT),
        Field("middle_name", 277, 296, TEXT),
        Field("generation_code", 297, 297, one_of(*codes.GENERATIONS, blank=True)),
        Field("social_security_number", 298, 306, DIGITS),
        Field("date_of_birth", 307, 314, DATE_OR_ZEROS),
        Field("telephone_number", 315, 324, DIGITS),
        Field("ecoa_code", 325, 325, one_of(*codes.ECOA_CODES)),
        Field("consumer_information_indicator", 326, 327, one_of(*codes.CONSUMER_INFORMATION, blank=True)),
        Field("country_code", 328, 329, one_of("US", blank=True)),
        Field("address_line_1", 330, 361, REQUIRED_TEXT),
        Field("address_line_2", 362, 393, TEXT),
        Field("city", 394, 413, REQUIRED_TEXT),
        Field("state", 414, 415, STATE),
        Field("zip_code", 416, 424, ZIP),
        Field("address_indicator", 425, 425, one_of(*codes.ADDRESS_INDICATORS, blank=True)),
        Field("residence_code", 426, 426, one_of("O", "R", blank=True)),
    ),
)

J1 = Segment(
    "J1",
    100,
    (
        Field("segment_identifier", 1, 2, constant("J1")),
        Field("reserved_3", 3, 3, BLANK),
        Field("surname", 4, 28, REQUIRED_TEXT),
        Field("first_name", 29, 48, REQUIRED_TEXT),
        Field("middle_name", 49, 68, TEXT),
        Field("generation_code", 69, 69, one_of(*codes.GENERATIONS, blank=True)),
        Field("social_security_number", 70, 78, DIGITS),
        Field("date_of_birth", 79, 86, DATE_OR_ZEROS),
        Field("telephone_number", 87, 96, DIGITS),
        Field("ecoa_code", 97, 97, one_of(*codes.ECOA_CODES)),
        Field("consumer_information_indicator", 98, 99, one_of(*codes.CONSUMER_INFORMATION, blank=True)),
        Field("reserved", 100, 100, BLANK),
    ),
)

J2 = Segment(
    "J2",
    200,
    (
        Field("segment_identifier", 1, 2, constant("J2")),
        Field("reserved_3", 3, 3, BLANK),
        Field("surname", 4, 28, REQUIRED_TEXT),
        Field("first_name", 29, 48, REQUIRED_TEXT),
        Field("middle_name", 49, 68, TEXT),
        Field("generation_code", 69, 69, one_of(*codes.GENERATIONS, blank=True)),
        Field("social_security_number", 70, 78, DIGITS),
        Field("date_of_birth", 79, 86, DATE_OR_ZEROS),
        Field("telephone_number", 87, 96, DIGITS),
        Field("ecoa_code", 97, 97, one_of(*codes.ECOA_CODES)),
        Field("consumer_information_indicator", 98, 99, one_of(*codes.CONSUMER_INFORMATION, blank=True)),
        Field("country_code", 100, 101, one_of("US", blank=True)),
        Field("address_line_1", 102, 133, REQUIRED_TEXT),
        Field("address_line_2", 134, 165, TEXT),
        Field("city", 166, 185, REQUIRED_TEXT),
        Field("state", 186, 187, STATE),
        Field("zip_code", 188, 196, ZIP),
        Field("address_indicator", 197, 197, one_of(*codes.ADDRESS_INDICATORS, blank=True)),
        Field("residence_code", 198, 198, one_of("O", "R", blank=True)),
        Field("reserved", 199, 200, BLANK),
    ),
)

K1 = Segment(
    "K1",
    34,
    (
        Field("segment_identifier", 1, 2, constant("K1")),
        Field("original_creditor_name", 3, 32, REQUIRED_TEXT),
        Field("creditor_classification", 33, 34, one_of(*codes.CREDITOR_CLASSES)),
    ),
)

K2 = Segment(
    "K2",
    34,
    (
        Field("segment_identifier", 1, 2, constant("K2")),
        Field("purchased_sold_indicator", 3, 3, one_of("1", "2", "9")),
        Field("purchased_sold_name", 4, 33, TEXT),
        Field("reserved", 34, 34, BLANK),
    ),
)

K3 = Segment(
    "K3",
    40,
    (
        Field("segment_identifier", 1, 2, constant("K3")),
        Field("agency_identifier", 3, 4, one_of("00", "01", "02")),
        Field("agency_account_number", 5, 22, OPTIONAL_IDENTIFIER),
        Field("mortgage_identification_number", 23, 40, OPTIONAL_IDENTIFIER),
    ),
)

K4 = Segment(
    "K4",
    30,
    (
        Field("segment_identifier", 1, 2, constant("K4")),
        Field("specialized_payment_indicator", 3, 4, one_of("01", "02")),
        Field("deferred_payment_start_date", 5, 12, DATE_OR_ZEROS),
        Field("balloon_payment_due_date", 13, 20, DATE_OR_ZEROS),
        Field("balloon_payment_amount", 21, 29, DIGITS),
        Field("reserved", 30, 30, BLANK),
    ),
)

L1 = Segment(
    "L1",
    54,
    (
        Field("segment_identifier", 1, 2, constant("L1")),
        Field("change_indicator", 3, 3, one_of("1", "2", "3")),
        Field("new_consumer_account_number", 4, 33, OPTIONAL_IDENTIFIER),
        Field("new_identification_number", 34, 53, OPTIONAL_IDENTIFIER),
        Field("reserved", 54, 54, BLANK),
    ),
)

N1 = Segment(
    "N1",
    146,
    (
        Field("segment_identifier", 1, 2, constant("N1")),
        Field("employer_name", 3, 32, REQUIRED_TEXT),
        Field("employer_address_line_1", 33, 64, TEXT),
        Field("employer_address_line_2", 65, 96, TEXT),
        Field("employer_city", 97, 116, TEXT),
        Field("employer_state", 117, 118, STATE_OR_BLANK),
        Field("employer_zip_code", 119, 127, ZIP_OR_BLANK),
        Field("occupation", 128, 145, TEXT),
        Field("reserved", 146, 146, BLANK),
    ),
)

TRAILER = Segment(
    "TRAILER",
    426,
    (
        Field("record_descriptor_word", 1, 4, DIGITS),
        Field("record_identifier", 5, 11, constant("TRAILER")),
        Field("total_base_records", 12, 20, DIGITS),
        Field("reserved_21", 21, 29, BLANK),
        Field("total_status_df", 30, 38, DIGITS),
        Field("total_j1_segments", 39, 47, DIGITS),
        Field("total_j2_segments", 48, 56, DIGITS),
        Field("block_count", 57, 65, DIGITS),
        Field("total_status_da", 66, 74, DIGITS),
        Field("total_status_05", 75, 83, DIGITS),
        Field("total_status_11", 84, 92, DIGITS),
        Field("total_status_13", 93, 101, DIGITS),
        Field("total_status_61", 102, 110, DIGITS),
        Field("total_status_62", 111, 119, DIGITS),
        Field("total_status_63", 120, 128, DIGITS),
        Field("total_status_64", 129, 137, DIGITS),
        Field("total_status_65", 138, 146, DIGITS),
        Field("total_status_71", 147, 155, DIGITS),
        Field("total_status_78", 156, 164, DIGITS),
        Field("total_status_80", 165, 173, DIGITS),
        Field("total_status_82", 174, 182, DIGITS),
        Field("total_status_83", 183, 191, DIGITS),
        Field("total_status_84", 192, 200, DIGITS),
        Field("total_status_88", 201, 209, DIGITS),
        Field("total_status_89", 210, 218, DIGITS),
        Field("total_status_93", 219, 227, DIGITS),
        Field("total_status_94", 228, 236, DIGITS),
        Field("total_status_95", 237, 245, DIGITS),
        Field("total_status_96", 246, 254, DIGITS),
        Field("total_status_97", 255, 263, DIGITS),
        Field("total_ecoa_z", 264, 272, DIGITS),
        Field("total_n1_segments", 273, 281, DIGITS),
        Field("total_k1_segments", 282, 290, DIGITS),
        Field("total_k2_segments", 291, 299, DIGITS),
        Field("total_k3_segments", 300, 308, DIGITS),
        Field("total_k4_segments", 309, 317, DIGITS),
        Field("total_l1_segments", 318, 326, DIGITS),
        Field("total_ssns", 327, 335, DIGITS),
        Field("total_ssns_base", 336, 344, DIGITS),
        Field("total_ssns_j1", 345, 353, DIGITS),
        Field("total_ssns_j2", 354, 362, DIGITS),
        Field("total_births", 363, 371, DIGITS),
        Field("total_births_base", 372, 380, DIGITS),
        Field("total_births_j1", 381, 389, DIGITS),
        Field("total_births_j2", 390, 398, DIGITS),
        Field("total_telephones", 399, 407, DIGITS),
        Field("reserved", 408, 426, BLANK),
    ),
)

#: What may follow a base segment, in the order in which it follows.
ATTACHED = (J1, J2, K1, K2, K3, K4, L1, N1)
SEGMENTS = (HEADER, BASE, *ATTACHED, TRAILER)
