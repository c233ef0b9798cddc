"""From month to month: what must follow from last month's file, and what goes missing."""

import pytest

from credit_reporting.validator.rules.history import HISTORY_RULES
from tests.unit.credit_reporting.validator.goodfile import (
    CARD,
    CHARGED_OFF,
    FULL,
    L1,
    LAST_MONTH,
    LATE,
    LINES,
    PAID,
    base,
    changed,
    edited,
)

HISTORY = "payment_history_profile"
BEGIN, GO_ON = "must begin with the code of last month's status", "must go on with the first 23 codes of last month's"
FURNISHER = "must be that of last month, unless last month's L1 segment announced another"
YOUNGER = "must not be younger than last month's after status 84 or 97"
ADVICE = "validate last month's file first"

CASES = {
    "another furnisher": (LATE, [(21, "MATINS02")], 21, "identification_number", FURNISHER),
    "another date opened": (LATE, [(76, "06022023")], 76, "date_opened", "must be that of last month"),
    "11 forgotten": (LATE, [(127, "1")], 127, HISTORY, BEGIN),
    "84 embellished": (CHARGED_OFF, [(127, "5")], 127, HISTORY, BEGIN),
    "71 embellished": (PAID, [(127, "0")], 127, HISTORY, BEGIN),
    "an older month changed": (CHARGED_OFF, [(128, "4")], 127, HISTORY, GO_ON),
    "a month that did not happen": (LATE, [(134, "0")], 127, HISTORY, GO_ON),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_does_not_follow_from_last_month_is_found_where_it_stands(findings_of, case):
    number, edits, *where_and_why = case
    assert findings_of(changed(number, *edits), previous=LAST_MONTH) == [(number, "BASE", *where_and_why)]
    assert findings_of(changed(number, *edits)) == []


def test_a_charged_off_amount_does_not_decline_but_may_rise(findings_of):
    before = changed(
        CHARGED_OFF,
        (124, "97"),
        (127, "543210BBBBBBBBBBBBBBBBBB"),
        (164, "000008200"),
        (173, "000008000"),
        lines=LAST_MONTH,
    )
    after = changed(CHARGED_OFF, (127, "L"), (173, "000007999"))
    assert findings_of(after, previous=before) == [
        (CHARGED_OFF, "BASE", 173, "original_charge_off_amount", "must not decline from last month's")
    ]
    assert findings_of(changed(CHARGED_OFF, (127, "L"), (173, "000008001")), previous=before) == []


@pytest.mark.parametrize(("status", "code"), [("84", "6"), ("97", "L")])
def test_a_first_delinquency_does_not_grow_younger(findings_of, status, code):
    before = changed(
        CHARGED_OFF, (124, status), (173, "000000000" if status == "84" else "000008000"), lines=LAST_MONTH
    )
    after = changed(CHARGED_OFF, (127, code), (190, "09012023"))
    assert findings_of(after, previous=before) == [
        (
            CHARGED_OFF,
            "BASE",
            190,
            "date_of_first_delinquency",
            "must not be younger than last month's after status 84 or 97",
        )
    ]


def test_a_new_cycle_begins_with_a_younger_first_delinquency(findings_of):
    before = changed(LATE, (124, "71"), (164, "000000310"), (190, "01142024"), lines=LAST_MONTH)
    assert findings_of(changed(LATE, (127, "1")), previous=before) == []


@pytest.mark.parametrize("code", ["E", "0"])
def test_an_unused_card_may_be_called_unused_or_current(findings_of, code):
    assert findings_of(changed(CARD, (127, code)), previous=LAST_MONTH) == []


def test_a_status_without_a_code_may_be_followed_by_any(findings_of):
    before = changed(PAID, (124, "13"), lines=LAST_MONTH)
    for code in "01D":
        assert findings_of(changed(PAID, (127, code)), previous=before) == []


def test_every_rule_has_a_case():
    tried = {(field, reason) for _, _, _, field, reason in CASES.values()} | {
        ("original_charge_off_amount", "must not decline from last month's"),
        ("date_of_first_delinquency", YOUNGER),
    }
    assert {(rule.field, rule.reason) for rule in HISTORY_RULES} == tried


def test_an_open_account_is_missed_and_a_final_one_is_not(findings_of):
    reason = "must be reported again: LN00000003 had status 11 on line 3 of last month's file"
    without = (*LINES[:2], *LINES[3:])
    found = [finding for finding in findings_of(without, previous=LAST_MONTH) if finding[1] != "TRAILER"]
    assert found == [(0, "FILE", 0, "consumer_account_number", reason)]
    for status in ("05", "13", "61", "64", "DA", "DF"):
        before = changed(LATE, (124, status), lines=LAST_MONTH)
        assert [f for f in findings_of(without, previous=before) if f[1] != "TRAILER"] == []


def test_a_new_account_has_no_last_month(findings_of):
    assert findings_of(LINES, previous=(*LAST_MONTH[:2], *LAST_MONTH[3:])) == []


def test_a_changed_number_is_followed(findings_of):
    announced = base("LN00000099", {1: "0480", 182: "01312024", 127: "000000BBBBBBBBBBBBBBBBBB", 206: "01022024"})
    change = L1[:2] + "3" + "LN00000002".ljust(30) + "MATINS01".ljust(20) + " "
    before = (LAST_MONTH[0], announced[:20] + "OTHER".ljust(20) + announced[40:] + change, *LAST_MONTH[2:])
    assert findings_of(LINES, previous=before) == []
    unannounced = (LAST_MONTH[0], announced, *LAST_MONTH[2:])
    reason = "must be reported again: LN00000099 had status 11 on line 2 of last month's file"
    assert findings_of(LINES, previous=unannounced) == [(0, "FILE", 0, "consumer_account_number", reason)]


@pytest.mark.parametrize("activity", ["12312023", "02292024", "01312023"])
def test_only_the_month_before_is_compared(findings_of, activity):
    before = changed(1, (48, activity), lines=changed(LATE, (76, "01012020"), lines=LAST_MONTH))
    reason = "must lie in the month before this file's: nothing was compared with last month"
    assert findings_of(LINES, previous=before) == [(1, "PREVIOUS", 48, "activity_date", reason)]


def test_the_month_before_january_is_december(findings_of):
    january = (edited(LINES[0], 48, "01312025"), LINES[-1])
    december = (edited(LINES[0], 48, "12312024"), LINES[-1])
    found = [finding for finding in findings_of(january, previous=december) if finding[1] == "PREVIOUS"]
    assert found == []


def test_a_previous_file_that_is_none_is_said_to_be_so(findings_of):
    header = (1, "PREVIOUS", 1, "record", f"must be a well-formed header: {ADVICE}")
    assert findings_of(LINES, previous=["not Metro 2"]) == [header]
    spoilt = changed(LATE, (232, "x"), lines=LAST_MONTH)
    assert findings_of(LINES, previous=spoilt) == [(LATE, "PREVIOUS", 1, "record", f"must be well formed: {ADVICE}")]


def test_a_number_on_two_lines_leaves_another_missing(findings_of):
    twice = changed(FULL, (43, "LN00000003"))
    missing = "must be reported again: LN00000002 had status 11 on line 2 of last month's file"
    assert findings_of(twice, previous=LAST_MONTH) == [
        (LATE, "BASE", 43, "consumer_account_number", "must be unique, and is also on line 2"),
        (0, "FILE", 0, "consumer_account_number", missing),
    ]


def test_a_malformed_record_is_not_missed_as_well(findings_of):
    assert [finding[:4] for finding in findings_of(changed(LATE, (232, "x")), previous=LAST_MONTH)] == [
        (LATE, "BASE", 232, "surname")
    ]
