"""What each account status demands of the other fields: a clean record of every status, and each slip in it."""

from datetime import date, timedelta

import pytest

from tests.unit.credit_reporting.validator.goodfile import LATE, LINES, base, edited

STATUSES = [
    "05",
    "11",
    "13",
    "61",
    "62",
    "63",
    "64",
    "65",
    "71",
    "78",
    "80",
    "82",
    "83",
    "84",
    "88",
    "89",
    "93",
    "94",
    "95",
    "96",
    "97",
    "DA",
    "DF",
]
PAID = ["13", "61", "62", "63", "64", "65"]
RATED = ["05", "13", "65", "88", "89", "94", "95"]
CHARGED_OFF = ["64", "97"]
CURRENT = ["11", "DA", "DF"]
DAYS = {"71": 30, "78": 60, "80": 90, "82": 120, "83": 150, "84": 180}
INFORMATION = date(2024, 2, 29)

NOTHING, NO_DATE = "000000000", "00000000"
FIRST = "date_of_first_delinquency"
DELINQUENT = (
    "must be given with statuses 61-65, 71, 78, 80, 82-84, 88, 89 and 93-97, and with 05 and 13 rated 1-6, G or L"
)


def but(*statuses):
    return [status for status in STATUSES if status not in statuses]


def first_delinquency(days_past_due):
    return f"{INFORMATION - timedelta(days=days_past_due - 30):%m%d%Y}"


def clean(status):
    """A record of which only the status is special."""
    paid, current = status in PAID, status in CURRENT
    owed = "000008200" if status == "97" else "000000310"
    return base(
        "LN00000003",
        {
            106: NOTHING if paid else "000000310",
            124: status,
            126: "1" if status in RATED else " ",
            155: NOTHING if paid else "000008200",
            164: NOTHING if paid or current else owed,
            173: "000008000" if status in CHARGED_OFF else NOTHING,
            190: NO_DATE if current else first_delinquency(DAYS.get(status, 45)),
            198: "02202024" if paid else NO_DATE,
            206: "06202023",
        },
    )


#: The statuses, what is changed in their records, and the finding: position, field, reason.
SLIPS = [
    (PAID, (106, "000000001"), 106, "scheduled_monthly_payment", "must be zero with statuses 13 and 61-65"),
    (PAID, (155, "000000001"), 155, "current_balance", "must be zero with statuses 13 and 61-65"),
    (PAID, (198, NO_DATE), 198, "date_closed", "must be given with statuses 13 and 61-65"),
    (["11", *PAID], (164, "000000001"), 164, "amount_past_due", "must be zero with statuses 11, 13 and 61-65"),
    (
        *(DAYS, (164, NOTHING), 164, "amount_past_due"),
        "must be above zero with statuses 71, 78, 80 and 82-84",
    ),
    (["97"], (164, "000008201"), 164, "amount_past_due", "must equal the current balance with status 97"),
    (but("11", "97", *PAID), (164, "000008201"), 164, "amount_past_due", "must not exceed the current balance"),
    (
        *(CHARGED_OFF, (173, NOTHING), 173, "original_charge_off_amount"),
        "must be above zero with statuses 64 and 97",
    ),
    (
        *(but(*CHARGED_OFF), (173, "000008000"), 173, "original_charge_off_amount"),
        "must be zero with every status but 64 and 97",
    ),
    (RATED, (126, " "), 126, "payment_rating", "must be given with statuses 05, 13, 65, 88, 89, 94 and 95"),
    (
        *(but(*RATED), (126, "1"), 126, "payment_rating"),
        "must be blank with every status but 05, 13, 65, 88, 89, 94 and 95",
    ),
    (but(*CURRENT), (190, NO_DATE), 190, FIRST, DELINQUENT),
    (
        *(CURRENT, (190, "02142024"), 190, FIRST),
        "must be zeros while nothing is delinquent and no petition was filed",
    ),
]
EACH = [(status, edit, *finding) for statuses, edit, *finding in SLIPS for status in statuses]


def found(findings_of, record):
    findings = findings_of((*LINES[: LATE - 1], record, *LINES[LATE:]))
    return [finding for finding in findings if finding[1] != "TRAILER"]


@pytest.mark.parametrize("status", STATUSES)
def test_a_record_of_every_status_is_clean(findings_of, status):
    assert found(findings_of, clean(status)) == []


@pytest.mark.parametrize("slip", EACH, ids=lambda slip: f"{slip[0]} {slip[3]}")
def test_each_status_demands_its_fields(findings_of, slip):
    status, edit, *finding = slip
    assert found(findings_of, edited(clean(status), *edit)) == [(LATE, "BASE", *finding)]


@pytest.mark.parametrize(("status", "days"), DAYS.items())
def test_no_status_is_later_than_its_first_delinquency_allows(findings_of, status, days):
    reason = "must not be later than the days since 30 days before the date of first delinquency allow"
    early = found(findings_of, edited(clean(status), 190, first_delinquency(days - 1)))
    if status == "71":  # A delinquency of tomorrow is one finding, not two.
        reason = "must not lie before the date opened, nor after the date of account information"
        assert early == [(LATE, "BASE", 190, FIRST, reason)]
    else:
        assert early == [(LATE, "BASE", 124, "account_status", reason)]


@pytest.mark.parametrize("status", ["05", "13"])
@pytest.mark.parametrize("rating", "0123456GL")
def test_the_rating_of_a_transferred_or_paid_account_decides_on_its_first_delinquency(findings_of, status, rating):
    rated = edited(clean(status), 126, rating)
    without = edited(rated, 190, NO_DATE)
    assert bool(found(findings_of, without)) == (rating != "0")
    assert bool(found(findings_of, rated)) == (rating == "0")


@pytest.mark.parametrize("indicator", ["A ", "B ", "C ", "D ", "E ", "F ", "G ", "H ", "V ", "Z ", "1A"])
@pytest.mark.parametrize("status", ["05", "11", "13"])
def test_a_petition_gives_a_current_account_its_date(findings_of, status, indicator):
    current = edited(edited(clean(status), 126, " " if status == "11" else "0"), 326, indicator)
    reason = "must be the petition's date with indicators A-H, Z, V and 1A on a current account"
    assert found(findings_of, edited(current, 190, NO_DATE)) == [(LATE, "BASE", 190, FIRST, reason)]
    assert found(findings_of, edited(current, 190, "02102024")) == []
