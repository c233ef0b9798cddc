"""Every cross rule: one file that breaks it and nothing else, and the one finding that says so.

The numbers are positions in the line. Of each rule there is a case, or the last test fails.
"""

from datetime import date

import pytest

from credit_reporting.validator.rules import RULES
from credit_reporting.validator.rules.calendar import day_rules, month_rules
from tests.unit.credit_reporting.validator.goodfile import (
    BANKRUPT,
    BEGINS,
    CARD,
    CHARGED_OFF,
    FULL,
    LATE,
    LINES,
    PAID,
    TODAY,
    changed,
)

J1, J2, K2, K3, K4, L1 = (BEGINS[name] for name in ("J1", "J2", "K2", "K3", "K4", "L1"))
NUMBER = "consumer_account_number"
FIRST = "date_of_first_delinquency"
SSN = "social_security_number"
KNOWN = "date_of_account_information"
CHARGE_OFF = "original_charge_off_amount"
HISTORY = "payment_history_profile"
FUTURE = "must not lie in the future"
WITHIN = "must not lie before the date opened, nor after the date of account information"
UNIDENTIFIED = "or the date of birth must be given, unless the ECOA code is 2 or 5"
DELINQUENT = (
    "must be given with statuses 61-65, 71, 78, 80, 82-84, 88, 89 and 93-97, and with 05 and 13 rated 1-6, G or L"
)
UNFOUNDED = "must be zeros while nothing is delinquent and no petition was filed"
PETITION = "must be the petition's date with indicators A-H, Z, V and 1A on a current account"
OF_THE_MONTH = "must lie in the month of the header's activity date, unless the status is 13 or 61-65, and not after it"
TOO_LATE = "must not be later than the days since 30 days before the date of first delinquency allow"
FITTING = "must fit the portfolio type: 00 01 02 only I, 15 89 7A only C, 19 25 26 only M"
TERMS = "must be LOC with portfolio type C, REV with R, 001 with O, above 000 with I and M"
RATED = "must be given with statuses 05, 13, 65, 88, 89, 94 and 95"
UNRATED = "must be blank with every status but 05, 13, 65, 88, 89, 94 and 95"
OWES = "must be above zero with statuses 71, 78, 80 and 82-84"
OWES_NOTHING = "must be zero with statuses 11, 13 and 61-65"
ZERO = "must be zero with statuses 13 and 61-65"

#: What is changed in which line, and the finding: segment, position, field, reason.
CASES = {
    "activity in the future": (1, [(48, "12312099")], "HEADER", 48, "activity_date", FUTURE),
    "created in the future": (1, [(56, "03022024")], "HEADER", 56, "date_created", FUTURE),
    "created before the activity": (
        *(1, [(56, "02282024")], "HEADER", 56, "date_created"),
        "must not lie before the activity date",
    ),
    "time stamp in the future": (LATE, [(6, "03022024000000")], "BASE", 6, "time_stamp", FUTURE),
    "SSN in the account number": (
        *(LATE, [(43, "LN900112233")], "BASE", 43, NUMBER),
        "must not contain the social security number",
    ),
    "line of credit of another type": (
        *(CARD, [(73, "C01"), (102, "LOC")], "BASE", 74, "account_type"),
        "must be a line of credit with portfolio type C: 15 43 47 89 7A 9B",
    ),
    "instalment loan as a line of credit": (LATE, [(74, "15")], "BASE", 74, "account_type", FITTING),
    "instalment loan as a mortgage": (LATE, [(74, "26")], "BASE", 74, "account_type", FITTING),
    "card as an unsecured loan": (CARD, [(74, "01")], "BASE", 74, "account_type", FITTING),
    "loan with a credit limit": (
        *(LATE, [(84, "000000001")], "BASE", 84, "credit_limit"),
        "must be zero with portfolio types I and M",
    ),
    "mortgage with a credit limit": (
        *(LATE, [(73, "M26"), (84, "000000001")], "BASE", 84, "credit_limit"),
        "must be zero with portfolio types I and M",
    ),
    "loan of nothing": (
        *(LATE, [(93, "000000000")], "BASE", 93, "highest_credit"),
        "must be the original amount, above zero, with portfolio types I and M",
    ),
    "loan without months": (LATE, [(102, "000")], "BASE", 102, "terms_duration", TERMS),
    "loan with the terms of a line": (LATE, [(102, "LOC")], "BASE", 102, "terms_duration", TERMS),
    "card with months": (CARD, [(102, "036")], "BASE", 102, "terms_duration", TERMS),
    "payment expected of a paid account": (
        *(PAID, [(106, "000000310")], "BASE", 106, "scheduled_monthly_payment", ZERO),
    ),
    "balance of a paid account": (PAID, [(155, "000000001")], "BASE", 155, "current_balance", ZERO),
    "past due of a paid account": (PAID, [(164, "000000001")], "BASE", 164, "amount_past_due", OWES_NOTHING),
    "11 with 50 past due": (FULL, [(164, "000000050")], "BASE", 164, "amount_past_due", OWES_NOTHING),
    "71 with nothing past due": (LATE, [(164, "000000000")], "BASE", 164, "amount_past_due", OWES),
    "84 with nothing past due": (
        *(LATE, [(124, "84"), (164, "000000000"), (190, "09022023"), (206, "00000000")], "BASE", 164),
        *("amount_past_due", OWES),
    ),
    "97 with less past due than its balance": (
        *(CHARGED_OFF, [(164, "000000310")], "BASE", 164, "amount_past_due"),
        "must equal the current balance with status 97",
    ),
    "71 with more past due than its balance": (
        *(LATE, [(164, "000008201")], "BASE", 164, "amount_past_due", "must not exceed the current balance"),
    ),
    "97 without a charge-off amount": (
        *(CHARGED_OFF, [(173, "000000000")], "BASE", 173, CHARGE_OFF, "must be above zero with statuses 64 and 97"),
    ),
    "64 without a charge-off amount": (
        *(PAID, [(124, "64 ")], "BASE", 173, CHARGE_OFF, "must be above zero with statuses 64 and 97"),
    ),
    "71 with a charge-off amount": (
        *(LATE, [(173, "000008000")], "BASE", 173, CHARGE_OFF, "must be zero with every status but 64 and 97"),
    ),
    "13 without a rating": (PAID, [(126, " ")], "BASE", 126, "payment_rating", RATED),
    "65 without a rating": (PAID, [(124, "65 ")], "BASE", 126, "payment_rating", RATED),
    "61 with a rating": (PAID, [(124, "61")], "BASE", 126, "payment_rating", UNRATED),
    "11 with a rating": (FULL, [(126, "0")], "BASE", 126, "payment_rating", UNRATED),
    "an embedded B": (
        *(LATE, [(127, "00B0")], "BASE", 127, HISTORY, "must have B only at its end: never between other codes"),
    ),
    "a leading B": (
        *(LATE, [(127, "B")], "BASE", 127, HISTORY, "must have B only at its end: never between other codes"),
    ),
    "an unused loan": (
        *(LATE, [(127, "E")], "BASE", 127, HISTORY, "must have E only with portfolio types C, O and R"),
    ),
    "information in 2099": (FULL, [(182, "02282099")], "BASE", 182, KNOWN, FUTURE),
    "information of tomorrow": (FULL, [(182, "03022024")], "BASE", 182, KNOWN, FUTURE),
    "information of today, after the activity": (FULL, [(182, "03012024")], "BASE", 182, KNOWN, OF_THE_MONTH),
    "information of last month": (FULL, [(182, "01312024"), (206, "01022024")], "BASE", 182, KNOWN, OF_THE_MONTH),
    "information of the month a year ago": (
        *(FULL, [(76, "06012022"), (182, "02282023"), (206, "02012023")], "BASE", 182, KNOWN, OF_THE_MONTH),
    ),
    "paid after the activity": (PAID, [(182, "03012024")], "BASE", 182, KNOWN, OF_THE_MONTH),
    "opened after the information": (
        *(FULL, [(76, "03012024"), (206, "00000000")], "BASE", 76, "date_opened"),
        "must not lie after the date of account information",
    ),
    "born after opening": (FULL, [(307, "06012023")], "BASE", 307, "date_of_birth", "must lie before the date opened"),
    "13 without a date closed": (
        PAID,
        [(198, "00000000")],
        "BASE",
        198,
        "date_closed",
        "must be given with statuses 13 and 61-65",
    ),
    "first delinquent before opening": (CHARGED_OFF, [(190, "05312023")], "BASE", 190, FIRST, WITHIN),
    "first delinquent after the information": (LATE, [(190, "03012024")], "BASE", 190, FIRST, WITHIN),
    "closed before opening": (PAID, [(198, "05312023")], "BASE", 198, "date_closed", WITHIN),
    "closed after the information": (PAID, [(198, "02212024")], "BASE", 198, "date_closed", WITHIN),
    "last payment before opening": (LATE, [(206, "05312023")], "BASE", 206, "date_of_last_payment", WITHIN),
    "last payment after the information": (LATE, [(206, "03012024")], "BASE", 206, "date_of_last_payment", WITHIN),
    "71 without a first delinquency": (LATE, [(190, "00000000")], "BASE", 190, FIRST, DELINQUENT),
    "97 without a first delinquency": (CHARGED_OFF, [(190, "00000000")], "BASE", 190, FIRST, DELINQUENT),
    "13 rated 1 without a first delinquency": (PAID, [(190, "00000000")], "BASE", 190, FIRST, DELINQUENT),
    "bankrupt and current without a date": (BANKRUPT, [(190, "00000000")], "BASE", 190, FIRST, PETITION),
    "13 rated 0, bankrupt, without a date": (
        *(PAID, [(126, "0"), (190, "00000000"), (326, "H")], "BASE", 190, FIRST, PETITION),
    ),
    "11 with a first delinquency": (FULL, [(190, "02142024")], "BASE", 190, FIRST, UNFOUNDED),
    "11 with a first delinquency and an indicator that is none": (
        *(FULL, [(190, "02142024"), (326, "R")], "BASE", 190, FIRST, UNFOUNDED),
    ),
    "13 rated 0 with a first delinquency": (PAID, [(126, "0")], "BASE", 190, FIRST, UNFOUNDED),
    "78 after 59 days": (LATE, [(124, "78"), (190, "01312024")], "BASE", 124, "account_status", TOO_LATE),
    "84 after 179 days": (LATE, [(124, "84"), (190, "10032023")], "BASE", 124, "account_status", TOO_LATE),
    "a consumer unknown": (
        FULL,
        [(298, "000000000"), (307, "00000000")],
        "BASE",
        298,
        "social_security_number",
        UNIDENTIFIED,
    ),
    "a consumer with nines": (
        LATE,
        [(298, "999999999"), (307, "00000000")],
        "BASE",
        298,
        "social_security_number",
        UNIDENTIFIED,
    ),
    "a debtor beside, unknown": (
        *(FULL, [(J1 + 70, "000000000"), (J1 + 79, "00000000"), (J1 + 97, "7")], "J1", J1 + 70),
        *(SSN, UNIDENTIFIED),
    ),
    "a debtor elsewhere, unknown": (
        *(FULL, [(J2 + 70, "000000000"), (J2 + 79, "00000000")], "J2", J2 + 70),
        *(SSN, UNIDENTIFIED),
    ),
    "a sale without a name": (
        *(FULL, [(K2 + 4, " " * 30)], "K2", K2 + 4, "purchased_sold_name"),
        "must be given with indicators 1 and 2, and blank with 9",
    ),
    "a removed sale with a name": (
        *(FULL, [(K2 + 3, "9")], "K2", K2 + 4, "purchased_sold_name"),
        "must be given with indicators 1 and 2, and blank with 9",
    ),
    "an agency without its number": (
        *(FULL, [(K3 + 5, " " * 18)], "K3", K3 + 5, "agency_account_number"),
        "must be given with agencies 01 and 02, and blank with 00",
    ),
    "no agency, yet its number": (
        *(FULL, [(K3 + 3, "00")], "K3", K3 + 5, "agency_account_number"),
        "must be given with agencies 01 and 02, and blank with 00",
    ),
    "neither agency nor mortgage": (
        *(FULL, [(K3 + 3, "00"), (K3 + 5, " " * 36)], "K3", K3 + 23, "mortgage_identification_number"),
        "must be given with agency 00",
    ),
    "a balloon without a date": (
        *(FULL, [(K4 + 13, "00000000")], "K4", K4 + 13, "balloon_payment_due_date", "must be given with indicator 01"),
    ),
    "a balloon without an amount": (
        *(
            FULL,
            [(K4 + 21, "000000000")],
            "K4",
            K4 + 21,
            "balloon_payment_amount",
            "must be above zero with indicator 01",
        ),
    ),
    "a deferral without an end": (
        *(FULL, [(K4 + 3, "02")], "K4", K4 + 5, "deferred_payment_start_date", "must be given with indicator 02"),
    ),
    "a new account number that is none": (
        *(FULL, [(L1 + 4, " " * 30)], "L1", L1 + 4, "new_consumer_account_number"),
        "must be given with indicators 1 and 3, and blank with 2",
    ),
    "an old account number, yet a new one": (
        *(FULL, [(L1 + 3, "2"), (L1 + 34, "MATINS02")], "L1", L1 + 4, "new_consumer_account_number"),
        "must be given with indicators 1 and 3, and blank with 2",
    ),
    "a new furnisher that is none": (
        *(FULL, [(L1 + 3, "3")], "L1", L1 + 34, "new_identification_number"),
        "must be given with indicators 2 and 3, and blank with 1",
    ),
    "an old furnisher, yet a new one": (
        *(FULL, [(L1 + 34, "MATINS02")], "L1", L1 + 34, "new_identification_number"),
        "must be given with indicators 2 and 3, and blank with 1",
    ),
}

#: What only looks like a slip.
ALLOWED = {
    "status 71 after 45 days, and on the 30th day": (LATE, [(190, "02292024"), (206, "01152024")]),
    "status 71 after 76 days: three behind, one paid": (LATE, [(190, "01142024")]),
    "78 after 60 days": (LATE, [(124, "78"), (190, "01302024")]),
    "13 rated 0 with a petition": (PAID, [(126, "0"), (326, "E")]),
    "11 with a petition and V": (BANKRUPT, [(326, "V")]),
    "11 with receivership": (BANKRUPT, [(326, "1A")]),
    "11 with an undesignated petition": (BANKRUPT, [(326, "Z")]),
    "paid in an earlier month": (PAID, [(182, "01202024"), (190, "01152024"), (198, "01202024"), (206, "01202024")]),
    "a joint debtor without SSN and birth": (FULL, [(J1 + 70, "000000000"), (J1 + 79, "00000000")]),
    "a line of credit": (CARD, [(73, "C15"), (102, "LOC")]),
    "an open account": (CARD, [(73, "O"), (102, "001")]),
    "a mortgage": (LATE, [(73, "M26"), (102, "030")]),
    "a birth date alone": (LATE, [(298, "000000000")]),
}


def but_the_trailer(findings):
    """Leave out wrong totals: the trailer is not edited here, and has its own tests."""
    return [finding for finding in findings if finding[1] != "TRAILER"]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_broken_rule_is_found_once_and_where_it_stands(findings_of, case):
    number, edits, *where_and_why = case
    assert but_the_trailer(findings_of(changed(number, *edits))) == [(number, *where_and_why)]


@pytest.mark.parametrize(("number", "edits"), ALLOWED.values(), ids=ALLOWED.keys())
def test_what_only_looks_like_a_slip_is_allowed(findings_of, number, edits):
    assert but_the_trailer(findings_of(changed(number, *edits))) == []


def test_no_future_is_measured_by_the_day_given(findings_of):
    assert findings_of(LINES, today=date(2024, 2, 28))[:2] == [
        (1, "HEADER", 48, "activity_date", FUTURE),
        (1, "HEADER", 56, "date_created", FUTURE),
    ]
    assert findings_of(LINES, today=date(2031, 1, 1)) == []


def test_every_rule_has_a_case():
    rules = RULES + day_rules(today=TODAY) + month_rules(today=TODAY, activity="20240229")
    tried = {(segment, field, reason) for _, _, segment, _, field, reason in CASES.values()}
    assert {(rule.segment, rule.field, rule.reason) for rule in rules} == tried


def test_findings_never_repeat_who_the_consumer_is(findings_of):
    lines = changed(FULL, (43, "900112233"), (298, "900112233"), (232, "lower"), (307, "05171985"))
    words = " ".join(reason for *_, reason in findings_of(lines))
    assert "900112233" not in words
    assert "lower" not in words
