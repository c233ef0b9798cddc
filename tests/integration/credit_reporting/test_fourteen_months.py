"""Fourteen months of real nights: a loan that rolls to charge-off and is made good, one that cures, one paid off."""

from datetime import date, timedelta

import pytest

from payments.services.payoff import payoff_quote
from tests.integration.credit_reporting.told import D, accounts, borrow, files, findings, live, report
from tests.integration.payments.money import pay

pytestmark = pytest.mark.usefixtures("reporter")

FIRST, LAST = date(2023, 12, 15), date(2025, 2, 1)
NO_HISTORY = "B" * 24

#: What each month says, from December 2023 on: status and rating, history before it, date of first delinquency.
ROLLS = [
    ("11", "", "", "00000000"),
    ("11", "", "0", "00000000"),
    ("71", "", "00", "02142024"),
    ("78", "", "100", "02142024"),
    ("80", "", "2100", "02142024"),
    ("97", "", "32100", "02142024"),
    ("97", "", "L32100", "02142024"),
    ("97", "", "LL32100", "02142024"),
    ("97", "", "LLL32100", "02142024"),
    ("97", "", "LLLL32100", "02142024"),
    ("97", "", "LLLLL32100", "02142024"),
    ("97", "", "LLLLLL32100", "02142024"),
    ("64", "", "LLLLLLL32100", "02142024"),
    None,
]
# Misses February and March, pays all in April; misses June, pays it in August when July's is 26 days late: that is
# another delinquency, begun on 14 August.
CURES = [
    ("11", "", "", "00000000"),
    ("11", "", "0", "00000000"),
    ("11", "", "00", "00000000"),
    ("71", "", "000", "03162024"),
    ("11", "", "1000", "00000000"),
    ("11", "", "01000", "00000000"),
    ("11", "", "001000", "00000000"),
    ("71", "", "0001000", "07152024"),
    ("71", "", "10001000", "08142024"),
    ("11", "", "110001000", "00000000"),
    *(("11", "", f"{'0' * n}110001000", "00000000") for n in range(1, 5)),
]
PAID = [
    ("11", "", "", "00000000"),
    ("11", "", "0", "00000000"),
    ("11", "", "00", "00000000"),
    ("13", "1", "000", "03162024"),
    *[None] * 10,
]
# Three behind, one paid: 45 days late on 31 March, while the delinquency goes on since February.
FROZEN = [
    ("11", "", "", "00000000"),
    ("11", "", "0", "00000000"),
    ("71", "", "00", "02142024"),
    ("71", "", "100", "02142024"),
]


def instalment(number, loan):
    return lambda day: pay(loan.payment, day, loan=number)


def several(count, number, loan):
    return lambda day: pay(loan.payment * count, day, loan=number)


def payoff(number):
    def end(day):
        pay(payoff_quote(loan_number=number, on=day, today=day).amount, day, loan=number)

    return end


def dollars(number, amount):
    return lambda day: pay(amount, day, loan=number)


def deeds(cures, paid, frozen):
    cure, often = instalment("CURES", cures), instalment("PAID", paid)
    done = {
        date(2024, 1, 15): [cure, often],
        date(2024, 3, 22): [payoff("PAID")],
        date(2024, 3, 25): [instalment("FROZEN", frozen)],
        date(2024, 4, 20): [several(3, "CURES", cures)],
        date(2024, 5, 15): [cure],
        date(2024, 8, 10): [cure, dollars("ROLLS", "100.00")],
        date(2024, 9, 1): [several(3, "CURES", cures)],
        date(2024, 12, 20): [dollars("ROLLS", "2500.00")],
    }
    return done | {date(2024, month, 15): [cure] for month in (10, 11, 12)} | {date(2025, 1, 15): [cure]}


def test_fourteen_files_follow_from_one_another_and_from_the_books():
    borrow("ROLLS")
    cures, paid, frozen = borrow("CURES"), borrow("PAID"), borrow("FROZEN")

    def on_the_first(day):
        if day.day == 1:
            outcome = report(day)
            assert outcome.counts["held_back"] == 0
            assert outcome.quarantined == []

    live(FIRST, LAST, deeds=deeds(cures, paid, frozen), after=on_the_first)
    written = files()
    assert len(written) == 14
    for file, previous in zip(written, [None, *written], strict=False):
        assert findings(file, previous=previous) == []
    for number, expected in {"ROLLS": ROLLS, "CURES": CURES, "PAID": PAID, "FROZEN": FROZEN}.items():
        assert [said(file, number) for file in written[: len(expected)]] == expected
    charged_off(written)
    paid_off(written)


def said(file, number):
    """Return what a file says of a loan, without the months before its first; None if nothing."""
    told = accounts(file).get(number)
    if told is None:
        return None
    assert len(told["history"]) == 24
    return told["status"], told["rating"], told["history"].rstrip("B"), told["first_delinquency"]


def charged_off(written):
    """The amount that was charged off stays; what is left of it falls with recoveries, to nothing when paid."""
    told = [accounts(file)["ROLLS"] for file in written[5:13]]
    original = int(told[0]["charge_off"])
    assert {int(one["charge_off"]) for one in told} == {original}
    # 2,400 at 7 % from 15 December to the last row, that of 14 May: 149 days of 30/360.
    assert original == 2469
    assert [int(one["balance"]) for one in told] == [original] * 3 + [original - 100] * 4 + [0]
    assert [one["past_due"] for one in told] == [one["balance"] for one in told]
    assert {one["scheduled"] for one in told} == {"000000000"}
    assert (told[-1]["known_on"], told[-1]["closed"], told[-1]["last_payment"]) == ("12202024",) * 3
    assert [int(one["actual"]) for one in told] == [0, 0, 0, 100, 0, 0, 0, 2500]


def paid_off(written):
    """A loan that is paid says when, and that it expects nothing more."""
    (before, told) = (accounts(file)["PAID"] for file in written[2:4])
    assert (told["known_on"], told["closed"], told["last_payment"]) == ("03222024",) * 3
    assert (told["balance"], told["past_due"], told["scheduled"]) == ("000000000",) * 3
    # 2,306.55 after the first instalment, and 7 % of it for the 44 days of 30/360 since.
    assert (before["balance"], before["original"]) == ("000002326", "000002400")


def test_the_published_example_of_two_months():
    borrow("EXAMPLE", start=date(2023, 12, 15))
    live(FIRST, date(2024, 4, 1), after=lambda day: report(day) if day.day == 1 else None)
    february, march = (accounts(file)["EXAMPLE"] for file in files()[2:])
    assert (february["known_on"], february["status"], february["first_delinquency"]) == ("02292024", "71", "02142024")
    assert february["history"][0] == "0"
    assert (march["known_on"], march["status"], march["first_delinquency"]) == ("03312024", "78", "02142024")
    assert march["history"].startswith("10")


def test_days_are_counted_to_the_last_day_of_the_month_not_to_the_night():
    # Due on 30 and 31 January: on 29 February 30 and 29 days late, on the night of 1 March 31 and 30.
    borrow("L30", start=date(2023, 12, 30))
    borrow("L31", start=date(2023, 12, 31))
    live(date(2023, 12, 30), date(2024, 3, 1))
    report(date(2024, 3, 1))
    told = accounts(files()[0])
    assert (told["L30"]["status"], told["L31"]["status"]) == ("71", "11")
    assert int(told["L30"]["past_due"]) > 0
    assert told["L31"]["past_due"] == "000000000"


def test_what_happens_on_the_night_of_the_report_is_of_the_next_month():
    loan = borrow("L1", principal="1200.00")
    live(FIRST, date(2024, 2, 29))
    live(date(2024, 3, 1), date(2024, 3, 1), deeds={date(2024, 3, 1): [several(2, "L1", loan)]})
    report(date(2024, 3, 1))
    told = accounts(files()[0])["L1"]
    # 1,200 at 7 % from 15 December to 29 February: 74 days of 30/360 are 17.26.
    assert (told["status"], told["balance"], told["actual"]) == ("71", "000001217", "000000000")
    assert int(told["past_due"]) == int(loan.payment)
    assert D(told["scheduled"]) == int(loan.payment)


def test_a_night_that_comes_late_says_what_it_would_have_said_in_time():
    def lived(*, late):
        loan = borrow("L1")
        live(FIRST, date(2024, 2, 29), deeds={date(2024, 1, 20): [instalment("L1", loan)]})
        first = date(2024, 3, 1)
        after = date(2024, 3, 20)
        if not late:
            report(first)
        live(first, after, deeds={first + timedelta(days=n): [instalment("L1", loan)] for n in (0, 9)})
        if late:
            report(first)
        return files()[0].sha256

    from django.db import transaction

    with transaction.atomic():
        in_time = lived(late=False)
        transaction.set_rollback(True)
    assert lived(late=True) == in_time
