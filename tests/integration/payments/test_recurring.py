"""Series of payments: on their dates whatever nights were missed, once, and no more than is owed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from common.outcomes import BadItem
from loans.models import RateSegment
from payments.models import Payment, Series, SeriesInstance, SeriesPause
from payments.services import process_recurring_payments
from tests.integration.payments.money import (
    START,
    accrue,
    assert_tied,
    closure,
    days,
    lend,
    living,
    pay,
)

pytestmark = pytest.mark.usefixtures("books")

D = Decimal


def repeat(loan, frequency, anchor, *, amount="1.00", roll="none", **options):
    """Schedule a series from its anchor on."""
    return Series.objects.create(
        reference=f"S{loan.number}",
        loan=loan,
        amount=amount,
        frequency=frequency,
        anchor=anchor,
        roll=roll,
        **{"starts_on": anchor, **options},
    )


def night(day, **options):
    """Do the interest and the recurring payments of one night."""
    accrue(day)
    return process_recurring_payments(business_date=day, **options)


def paid():
    """Return due and effective date of all that was paid."""
    made = SeriesInstance.objects.exclude(payment=None).order_by("due_date")
    return [(str(due)[5:], str(day)[5:]) for due, day in made.values_list("due_date", "payment__effective_date")]


def dues(*texts):
    """Return dates that are paid on their day."""
    return [(text, text) for text in texts]


class TestDates:
    def test_fourteen_days_never_drift(self):
        repeat(lend(), "biweekly", date(2024, 1, 5), starts_on=date(2024, 1, 6))
        night(date(2024, 3, 1))
        assert paid() == dues("01-19", "02-02", "02-16", "03-01")

    def test_a_year_has_26_or_27_of_them(self):
        repeat(lend(principal="9999.00"), "biweekly", date(2024, 1, 5))
        for month in range(1, 13):  # A night for the whole year would write its interest anew after each payment.
            night(date(2024, month, 28))
        night(date(2024, 12, 31))
        assert SeriesInstance.objects.count() == 26

    def test_weeks(self):
        repeat(lend(), "weekly", date(2024, 2, 26))
        night(date(2024, 3, 12))
        assert paid() == dues("02-26", "03-04", "03-11")

    def test_the_31st_is_the_months_last_day_where_it_is_shorter(self):
        repeat(lend(), "monthly", date(2024, 1, 31))
        night(date(2024, 4, 30))
        assert paid() == dues("01-31", "02-29", "03-31", "04-30")

    def test_the_last_day_of_every_month(self):
        repeat(lend(), "last day", date(2024, 2, 10))
        night(date(2024, 4, 30))
        assert paid() == dues("02-29", "03-31", "04-30")

    @pytest.mark.parametrize(
        ("roll", "expected"),
        [
            # A Saturday; Sunday and Monday, Washington's birthday.
            ("none", [("01-20", "01-20"), ("02-19", "02-19")]),
            ("following", [("01-20", "01-22"), ("02-19", "02-20")]),
            ("preceding", [("01-20", "01-19"), ("02-19", "02-16")]),
        ],
    )
    def test_what_falls_on_no_banking_day_rolls(self, roll, expected):
        loan = lend()
        repeat(loan, "monthly", date(2024, 1, 20), roll=roll, ends_after=1)
        Series.objects.create(
            reference="feb",
            loan=loan,
            amount="1.00",
            frequency="monthly",
            anchor=date(2024, 2, 19),
            starts_on=date(2024, 2, 19),
            roll=roll,
            ends_after=1,
        )
        posted = {}
        for day in days(date(2024, 1, 15), date(2024, 2, 25)):
            for _ in range(night(day).counts["paid"]):
                posted[day] = posted.get(day, 0) + 1
        assert paid() == expected
        assert [str(day)[5:] for day in posted] == [effective for _, effective in expected]


class TestEnds:
    def test_after_so_many(self):
        repeat(lend(), "weekly", date(2024, 1, 8), ends_after=2)
        night(date(2024, 2, 1))
        assert paid() == dues("01-08", "01-15")

    def test_on_a_day(self):
        repeat(lend(), "weekly", date(2024, 1, 8), ends_on=date(2024, 1, 15))
        night(date(2024, 2, 1))
        assert paid() == dues("01-08", "01-15")

    def test_a_pause_leaves_instances_out_and_counts_them(self):
        series = repeat(lend(), "weekly", date(2024, 1, 8), ends_after=4)
        SeriesPause.objects.create(series=series, starts_on=date(2024, 1, 15), ends_on=date(2024, 1, 22))
        assert night(date(2024, 2, 10)).counts == {"paid": 2, "skipped": 2}
        assert paid() == dues("01-08", "01-29")

    def test_the_last_payment_is_what_is_owed_and_then_nothing_is(self):
        loan = lend()
        repeat(loan, "weekly", date(2024, 1, 8), amount="60.00")
        assert night(date(2024, 2, 1)).counts == {"paid": 2, "skipped": 2}
        assert [str(p.amount) for p in Payment.objects.order_by("effective_date")] == ["60.00", "40.18"]
        assert closure(loan) == (date(2024, 1, 15), "fully paid")
        assert {i.skipped for i in SeriesInstance.objects.filter(payment=None)} == {"nothing is owed on the loan"}
        assert_tied()


def test_a_night_twice_pays_once():
    repeat(lend(), "weekly", date(2024, 1, 8))
    assert night(date(2024, 1, 8)).counts == {"paid": 1, "skipped": 0}
    assert night(date(2024, 1, 8)).counts == {"paid": 0, "skipped": 0}


def test_nobody_has_anything_due():
    lend()
    assert night(date(2024, 1, 8)).counts == {"paid": 0, "skipped": 0}


def test_nights_caught_up_are_as_nights_on_time():
    late, timely = lend("late"), lend("timely")
    for loan in (late, timely):
        repeat(loan, "weekly", date(2024, 1, 3), amount="4.00", roll="following")
    for day in days(date(2024, 1, 2), date(2024, 2, 10)):
        night(day, only=["timely"])
    night(date(2024, 2, 10), only=["late"])
    accrue(date(2024, 2, 12))

    def told(loan):
        rows = living(loan)
        return rows | {"movements": [(kind, day, *sums) for kind, day, _reference, *sums in rows["movements"]]}

    assert told(late) == told(timely)
    assert_tied()


def test_a_payment_made_since_is_spent_as_if_the_night_had_been_on_time():
    late, timely = lend("late"), lend("timely")
    for loan in (late, timely):
        repeat(loan, "monthly", date(2024, 2, 1), amount="17.01", ends_after=1)
    accrue(date(2024, 2, 1))
    process_recurring_payments(business_date=date(2024, 2, 1), only=["timely"])
    accrue(date(2024, 2, 5))
    for loan in (late, timely):
        pay("20.00", date(2024, 2, 5), loan=loan.number)
    process_recurring_payments(business_date=date(2024, 2, 1), only=["late"])
    for kind in ("accruals", "covered"):
        assert living(late)[kind] == living(timely)[kind]
    assert_tied()


def test_one_bad_loan_waits_with_all_its_instances():
    good, bad = lend("good"), lend("bad")
    for loan in (good, bad):
        repeat(loan, "weekly", date(2024, 1, 8))
    RateSegment.objects.filter(loan=bad).delete()
    for day in (date(2024, 1, 8), date(2024, 1, 15)):
        outcome = process_recurring_payments(business_date=day)
        assert outcome.counts == {"paid": 1, "skipped": 0}
        reason = "no rate is in force on 2024-01-01: add the rate segment"
        assert outcome.quarantined == [BadItem(model="loans.Loan", key="bad", reason=reason)]
    RateSegment.objects.create(loan=bad, rate="0.07", effective_from=START)
    outcome = process_recurring_payments(business_date=date(2024, 1, 16), only=["bad"])
    assert (outcome.counts, outcome.quarantined) == ({"paid": 2, "skipped": 0}, [])
    for number in ("good", "bad"):
        effective = Payment.objects.filter(loan__number=number).order_by("effective_date")
        assert [p.effective_date for p in effective] == [date(2024, 1, 8), date(2024, 1, 15)]


def test_two_series_of_one_loan_pay_on_one_day():
    loan = lend()
    for n in range(2):
        Series.objects.create(
            reference=f"S{n}",
            loan=loan,
            amount="60.00",
            frequency="monthly",
            anchor=START + timedelta(days=31),
            starts_on=START,
            roll="none",
        )
    night(date(2024, 2, 1))
    assert [str(p.amount) for p in Payment.objects.order_by("reference")] == ["60.00", "40.58"]
    assert closure(loan) == (date(2024, 2, 1), "fully paid")
    assert_tied()
