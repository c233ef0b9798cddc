"""Five slips that another checker in use lets pass; each is found here, where it stands."""

import pytest

from tests.unit.credit_reporting.validator.goodfile import FULL, LATE, changed

LATE_HAS_ITS_DATE = (
    "must be given with statuses 61-65, 71, 78, 80, 82-84, 88, 89 and 93-97, and with 05 and 13 rated 1-6, G or L"
)
SLIPS = {
    "11 with 50 past due": (
        changed(FULL, (164, "000000050")),
        (FULL, 164, "amount_past_due", "must be zero with statuses 11, 13 and 61-65"),
    ),
    "an embedded B": (
        changed(FULL, (127, "0B00000BBBBBBBBBBBBBBBBB")),
        (FULL, 127, "payment_history_profile", "must have B only at its end: never between other codes"),
    ),
    "a date of account information in 2099": (
        changed(FULL, (182, "12312099")),
        (FULL, 182, "date_of_account_information", "must not lie in the future"),
    ),
    "lower case": (
        changed(FULL, (257, "anna")),
        (
            FULL,
            257,
            "first_name",
            "must not be blank: printable upper-case ASCII, left-justified and blank-filled",
        ),
    ),
    "71 without a date of first delinquency": (
        changed(LATE, (190, "00000000")),
        (
            LATE,
            190,
            "date_of_first_delinquency",
            LATE_HAS_ITS_DATE,
        ),
    ),
}


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_it_is_rejected_with_line_position_field_and_reason(findings_of, slip):
    lines, (number, position, field, reason) = slip
    assert findings_of(lines) == [(number, "BASE", position, field, reason)]
