"""Promotions: granted, ended on the day after their last, and what deferred interest costs."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from common.checksum import checksum
from common.outcomes import BadItem
from ledger.exceptions import PeriodClosedError
from ledger.models import AccountingPeriod, JournalEntry
from loans.daycount import DayCount
from loans.exceptions import BadTermsError, LoanEndedError, NoSuchLoanError
from loans.models import (
    Accrual,
    Closure,
    Forbearance,
    IndexValue,
    Notice,
    Promo,
    RateIndex,
    RateSegment,
    Transaction,
    VariableTerms,
)
from loans.services import (
    accrue_interest,
    adjust_variable_rates,
    check_promo_expirations,
    end_promo,
    grant_promo,
)
from loans.services.booking import Booking
from tests.integration.loans.books import START, days, make_loan, move, set_rate, total, turnover
from tests.integration.loans.plans import day, interest, make_planned, pay_instalments, payments

pytestmark = pytest.mark.usefixtures("books")

D = Decimal
END = day(2, 29)


def grant(loan, rate="0.00", starts_on=START, ends_on=END, on=START, **options):
    return grant_promo(
        loan_number=loan.number,
        rate=D(rate),
        starts_on=starts_on,
        ends_on=ends_on,
        booking=Booking(entry_date=on),
        **options,
    )


def defer(loan, **options):
    return grant(loan, kind="deferred interest", **options)


def night(on, **options):
    """Run what a night does to promotions and interest, in its order."""
    outcome = check_promo_expirations(business_date=on, **options)
    accrue_interest(business_date=on)
    return outcome


def segments(loan):
    rows = RateSegment.objects.filter(loan=loan).order_by("effective_from")
    return [(row.effective_from, str(row.rate.normalize())) for row in rows]


def test_a_promotion_that_ends_on_february_29_is_ended_in_the_night_of_march_1():
    loan = make_loan()
    promo = grant(loan)
    for on in days(day(2, 27), day(3, 3)):
        night(on)
    promo.refresh_from_db()
    assert promo.ended_on == day(3, 1)
    assert segments(loan) == [(START, "0.07"), (day(3, 1), "0.07")]
    rates = Accrual.objects.filter(accrual_date__gte=day(2, 28)).order_by("accrual_date").values_list("rate", flat=True)
    # The row of March 1 prices February 29, the promotion's last day.
    assert [str(rate.normalize()) for rate in rates] == ["0", "0", "0", "0.07", "0.07"]


def test_its_last_day_is_included():
    loan = make_loan()
    grant(loan)
    assert night(END).counts == {"promos": 0}
    assert night(day(3, 1)).counts == {"promos": 1}


def test_the_borrower_is_told():
    loan = make_loan()
    grant(loan, rate="0.02")
    due_at = datetime(2024, 3, 1, 1, 45, tzinfo=UTC)
    night(day(3, 1), due_at=due_at, run_id=7)
    notice = Notice.objects.get()
    assert (notice.kind, notice.noticed_on, notice.about, notice.due_at) == ("promo ended", day(3, 1), END, due_at)
    assert notice.details == {"promotion": "rate", "rate": "0.02000000", "agreed_rate": "0.07000000"}


def test_a_night_done_again_writes_nothing():
    grant(make_planned())
    defer(make_planned("L2"))
    night(day(3, 1))
    before = checksum()
    assert night(day(3, 1)).counts == {"promos": 0}
    assert checksum() == before


def test_the_plan_knows_the_promotion_and_what_comes_after():
    loan = make_planned(principal="1000.00", rate="0.12", term=4)
    grant(loan, ends_on=day(2, 29), on=START)
    planned = payments(loan)
    assert interest(loan)[:2] == ["0.00", "0.00"]
    pay_instalments(loan, [1, 2])
    night(day(3, 1))
    # Paid as planned, it goes on as planned.
    assert payments(loan) == planned


def test_a_loan_that_was_not_paid_as_planned_is_level_again_after_the_promotion():
    loan = make_planned(principal="1000.00", rate="0.12", term=6)
    grant(loan)
    pay_instalments(loan, [1])
    move(loan, "-300.00", day(2, 10))
    night(day(3, 1))
    assert D(payments(loan)[2]) < D(payments(loan)[1])
    assert sum(map(D, payments(loan)[2:])) < D("700.00")


def test_of_two_that_overlap_the_lower_prevails_and_the_other_stays():
    loan = make_loan()
    first, second = grant(loan, "0.00", ends_on=day(1, 31)), grant(loan, "0.03", day(1, 15), END)
    for on in (day(2, 1), day(2, 5)):
        night(on)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.ended_on, second.ended_on) == (day(2, 1), None)
    rates = Accrual.objects.order_by("accrual_date").values_list("accrual_date", "rate")
    assert {on: str(rate.normalize()) for on, rate in rates if on >= day(1, 31)} == {
        day(1, 31): "0",
        day(2, 1): "0",
        **dict.fromkeys(days(day(2, 2), day(2, 5)), "0.03"),
    }


def test_a_reset_meanwhile_is_what_the_loan_returns_to():
    loan = make_planned(term=12)
    index = RateIndex.objects.create(code="SOFR")
    VariableTerms.objects.create(loan=loan, index=index, margin="0.01", first_reset=day(2, 1), look_back_days=0)
    IndexValue.objects.create(index=index, published_on=day(2, 1), value="0.08")
    grant(loan)
    adjust_variable_rates(business_date=day(2, 1))
    night(day(3, 1))
    night(day(3, 2))
    assert segments(loan) == [(START, "0.07"), (day(2, 1), "0.09"), (day(3, 1), "0.09")]
    assert [str(row.rate.normalize()) for row in Accrual.objects.order_by("accrual_date")[58:]] == ["0", "0", "0.09"]


def test_a_rate_agreed_from_the_same_day_on_is_left_as_it_is():
    loan = make_loan()
    grant(loan)
    set_rate(loan, "0.05", day(3, 1))
    night(day(3, 1))
    assert segments(loan) == [(START, "0.07"), (day(3, 1), "0.05")]


def test_a_promotion_granted_late_prices_its_days_anew():
    loan = make_loan(principal="36000.00", rate="0.10", day_count=DayCount.ACT_360)
    accrue_interest(business_date=day(1, 20))
    grant(loan, starts_on=day(1, 10), on=day(1, 20))
    assert total(loan, day(1, 2), day(1, 20)) == D("90.00")
    assert turnover("IR") == D("90.00")


def test_a_promotion_ended_early_returns_to_the_agreed_rate_the_next_day():
    loan = make_planned(principal="1000.00", rate="0.12", term=6)
    grant(loan)
    planned = payments(loan)
    accrue_interest(business_date=day(2, 10))
    promo = end_promo(loan_number="L1", starts_on=START, booking=Booking(entry_date=day(2, 10)))
    assert promo.ended_on == day(2, 10)
    accrue_interest(business_date=day(2, 12))
    rates = Accrual.objects.filter(accrual_date__gte=day(2, 10)).order_by("accrual_date").values_list("rate", flat=True)
    assert [str(rate.normalize()) for rate in rates] == ["0", "0.12", "0.12"]
    assert D(payments(loan)[2]) > D(planned[2])
    assert Notice.objects.get().about == END
    assert night(day(3, 1)).counts == {"promos": 0}


# 36,000 at 10 % for 60 days, Act/360, from January 1 to March 1, 2024: 600.00.
def make_deferred(number="L1", **options):
    loan = make_loan(number, principal="36000.00", rate="0.10", day_count=DayCount.ACT_360, **options)
    defer(loan)
    return loan


def test_deferred_interest_is_charged_when_principal_is_owed_at_the_end():
    loan = make_deferred()
    for on in days(day(1, 2), day(3, 1)):
        night(on, run_id=3)
    charged = Transaction.objects.get(kind="deferred interest")
    assert (charged.loan, charged.effective_date) == (loan, day(3, 1))
    assert (charged.principal, charged.interest, charged.fees) == (0, D("600.00"), 0)
    assert (charged.entry.entry_date, charged.entry.run_id) == (day(3, 1), 3)
    assert (turnover("IR"), turnover("II")) == (D("600.00"), D("-600.00"))
    assert Notice.objects.get().details["charged"] == "600.00"


def test_deferred_interest_is_of_what_was_owed_day_by_day():
    loan = make_deferred()
    move(loan, "-18000.00", day(1, 31))
    night(day(3, 1))
    # 30 days of 36,000, 30 days of 18,000.
    assert Transaction.objects.get(kind="deferred interest").interest == D("450.00")


def test_deferred_interest_is_rounded_period_by_period():
    loan = make_loan(principal="100.00", rate="0.07")
    defer(loan)
    night(day(3, 1))
    # Two months of the published loan with nothing paid: 0.58 each, though 1.17 would be the two together.
    assert Transaction.objects.get(kind="deferred interest").interest == D("1.16")


def test_what_was_earned_meanwhile_is_not_charged_again():
    loan = make_loan(principal="36000.00", rate="0.10", day_count=DayCount.ACT_360)
    defer(loan, rate="0.02")
    night(day(3, 1))
    assert total(loan, START, day(3, 1)) == D("120.00")
    assert Transaction.objects.get(kind="deferred interest").interest == D("480.00")


def test_leap_years_weigh_their_days_in_deferred_interest_too():
    loan = make_loan(principal="36600.00", rate="0.10", day_count=DayCount.ACT_ACT_ISDA, start=date(2023, 12, 1))
    defer(loan, starts_on=date(2023, 12, 1), ends_on=day(1, 31))
    night(day(2, 1))
    # 31 days of 2023 over 365, 31 of 2024 over 366.
    assert Transaction.objects.get(kind="deferred interest").interest == D("310.85") + D("310.00")


def test_days_that_would_have_earned_nothing_anyway_are_not_charged():
    loan = make_deferred()
    Forbearance.objects.create(loan=loan, starts_on=day(1, 31), ends_on=END, accrues=False)
    night(day(3, 1))
    assert Transaction.objects.get(kind="deferred interest").interest == D("300.00")


def test_deferred_interest_is_forfeited_when_the_loan_was_paid_by_the_end():
    paid, ended = make_deferred("paid"), make_deferred("ended")
    for loan in (paid, ended):
        move(loan, "-36000.00", END)
    Closure.objects.create(loan=ended, closed_on=END, reason="fully paid")
    assert night(day(3, 1)).counts == {"promos": 2}
    assert not Transaction.objects.filter(kind="deferred interest").exists()
    assert [(one.loan, one.details["charged"]) for one in Notice.objects.all()] == [(paid, "0.00")]
    assert segments(ended) == [(START, "0.1")]
    assert set(Promo.objects.values_list("ended_on", flat=True)) == {day(3, 1)}


def test_a_payment_after_the_last_day_comes_too_late():
    loan = make_deferred()
    move(loan, "-36000.00", day(3, 1))
    night(day(3, 1))
    assert Transaction.objects.get(kind="deferred interest").interest == D("600.00")


def test_a_promotion_of_deferred_interest_ended_early_is_charged_to_that_day():
    make_deferred()
    end_promo(loan_number="L1", starts_on=START, booking=Booking(entry_date=day(1, 31)))
    assert Transaction.objects.get(kind="deferred interest").interest == D("300.00")
    assert Accrual.objects.latest("accrual_date").accrual_date == day(1, 31)


def test_a_loan_whose_days_cannot_be_written_is_left_out_until_it_is_mended():
    good, waits = make_deferred("good"), make_deferred("waits")
    RateSegment.objects.filter(loan=waits).delete()
    outcome = night(day(3, 1))
    assert outcome.counts == {"promos": 1}
    reason = "no rate is in force on 2024-01-01: add the rate segment"
    assert outcome.quarantined == [BadItem(model="loans.Loan", key="waits", reason=reason)]
    assert Promo.objects.get(loan=waits).ended_on is None
    set_rate(waits, "0.10", START)
    assert night(day(3, 4)).counts == {"promos": 1}
    charged = Transaction.objects.filter(kind="deferred interest")
    assert [(one.loan, one.interest, one.effective_date) for one in charged.order_by("id")] == [
        (good, D("600.00"), day(3, 1)),
        (waits, D("600.00"), day(3, 1)),
    ]
    assert segments(waits)[-1] == (day(3, 1), "0.1")


def test_nights_caught_up_equal_nights_on_time():
    books, nights = [], days(day(1, 20), day(3, 10))
    for ran in (nights, nights[::9], nights[-1:]):
        with transaction.atomic():
            for n, ends_on in enumerate(days(day(2, 20), day(3, 5))):
                loan = make_planned(f"L{n}", principal="36000.00", rate="0.10", term=12)
                (grant, defer)[n % 2](loan, ends_on=ends_on)
            for on in [*ran, nights[-1]]:
                night(on)
            promos = Promo.objects.values_list("loan__number", "ended_on")
            columns = ("loan__number", "accrual_date", "rate", "amount")
            charged = Transaction.objects.values_list("loan__number", "kind", "effective_date", "interest")
            rates = RateSegment.objects.values_list("loan__number", "effective_from", "rate")
            books.append([sorted(rows) for rows in (promos, Accrual.objects.values_list(*columns), charged, rates)])
            transaction.set_rollback(True)
    assert books[0] == books[1] == books[2]
    assert len({ended_on for _, ended_on in books[0][0]}) == 15


def test_only_the_chosen_loans_are_done():
    for number in ("a", "b"):
        grant(make_loan(number))
    outcome = check_promo_expirations(business_date=day(3, 1), only=["b", "ghost"])
    assert (outcome.counts, [item.key for item in outcome.quarantined]) == ({"promos": 1}, ["ghost"])
    assert Promo.objects.get(ended_on=None).loan.number == "a"


def test_a_night_without_promotions_does_nothing():
    assert check_promo_expirations(business_date=day(3, 1)).counts == {"promos": 0}
    assert not JournalEntry.objects.exists()


@pytest.mark.parametrize(
    ("terms", "error"),
    [
        ({"rate": "0.07"}, "is not below the agreed one"),
        ({"ends_on": START - timedelta(days=1)}, "before it starts"),
        ({"starts_on": START - timedelta(days=1)}, "no rate is in force on 2023-12-31"),
        ({}, "is granted already"),
    ],
)
def test_what_would_be_no_promotion_is_refused(terms, error):
    loan = make_loan()
    grant(loan)
    with pytest.raises(BadTermsError, match=error):
        grant(loan, **terms)
    assert Promo.objects.count() == 1


def test_nothing_is_promised_to_loans_that_are_not_there():
    loan = make_loan()
    Closure.objects.create(loan=loan, closed_on=day(1, 10), reason="charged off")
    with pytest.raises(LoanEndedError, match="charged off on 2024-01-10"):
        grant(loan)
    loan.number = "ghost"
    with pytest.raises(NoSuchLoanError, match="ghost"):
        grant(loan)


def test_a_promotion_that_does_not_run_cannot_be_ended():
    make_loan()
    with pytest.raises(BadTermsError, match="no promotion from 2024-01-01"):
        end_promo(loan_number="L1", starts_on=START, booking=Booking(entry_date=day(1, 10)))


def test_deferred_interest_is_not_charged_into_a_closed_month():
    make_deferred()
    accrue_interest(business_date=END)
    AccountingPeriod.objects.create(starts_on=day(3, 1), status="closed", closed_on=day(4, 1))
    with pytest.raises(PeriodClosedError):
        night(day(3, 1))
