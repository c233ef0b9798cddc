"""Variable rates: fixed at the look-back date, in force from the reset, with a new plan and a notice."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from common.checksum import checksum
from common.outcomes import BadItem
from loans.daycount import DayCount
from loans.exceptions import BadIndexValueError
from loans.models import (
    Accrual,
    Closure,
    IndexValue,
    Instalment,
    Notice,
    RateIndex,
    RateReset,
    RateSegment,
    VariableTerms,
)
from loans.services import accrue_interest, adjust_variable_rates
from loans.services.indices import set_index_value
from tests.integration.loans.books import START, days, make_loan, set_rate, total
from tests.integration.loans.plans import day, make_planned, pay_instalments, payments, plan

D = Decimal

#: The first reset is on April 1, its look-back date 45 days before.
RESET, FIXED = day(4, 1), day(2, 16)


def follow(loan, **options):
    """Let a loan follow SOFR from April 1, 2024 on."""
    index = options.pop("index", None) or RateIndex.objects.get_or_create(code="SOFR")[0]
    return VariableTerms.objects.create(loan=loan, index=index, **{"margin": "0.01", "first_reset": RESET, **options})


def publish(value, on, code="SOFR"):
    return IndexValue.objects.create(index=RateIndex.objects.get_or_create(code=code)[0], published_on=on, value=value)


def adjust(on, **options):
    return adjust_variable_rates(business_date=on, **options)


def fixed(loan):
    return [
        (one.reset_on, str(one.rate.normalize())) for one in RateReset.objects.filter(loan=loan).order_by("reset_on")
    ]


def bad(number, reason):
    return BadItem(model="loans.Loan", key=number, reason=reason)


pytestmark = pytest.mark.usefixtures("books")


def test_the_published_case_is_fixed_in_the_night_of_its_look_back_date_and_not_before():
    loan = make_planned(rate="0.05", term=36, principal="10000.00")
    follow(loan, margin="0.0275", periodic_cap="0.02", life_cap="0.05", rounding_step="0.00125")
    publish("0.04375", day(2, 15))
    assert adjust(FIXED - timedelta(days=1)).counts == {"rates": 0}
    assert adjust(FIXED).counts == {"rates": 1}
    reset = RateReset.objects.get()
    assert (reset.reset_on, reset.fixed_on, reset.previous_rate) == (RESET, FIXED, D("0.05"))
    assert (reset.fully_indexed, reset.rate) == (D("0.07125"), D("0.07"))
    assert RateSegment.objects.get(effective_from=RESET).rate == D("0.07")


def test_the_value_last_published_by_the_look_back_date_is_taken():
    loan = make_planned()
    follow(loan)
    for value, on in [("0.03", day(2, 14)), ("0.04", FIXED), ("0.09", FIXED + timedelta(days=1))]:
        publish(value, on)
    publish("0.20", FIXED, code="PRIME")
    adjust(day(2, 20))
    assert fixed(loan) == [(RESET, "0.05")]
    assert RateReset.objects.get().fixed_on == FIXED


def test_the_rows_of_the_reset_and_before_keep_the_old_rate():
    loan = make_loan(principal="36000.00", rate="0.10", day_count=DayCount.ACT_360, term=36)
    follow(loan, margin="0.00")
    publish("0.05", FIXED)
    adjust(FIXED)
    accrue_interest(business_date=day(4, 3))
    rows = Accrual.objects.filter(accrual_date__gte=day(3, 31)).order_by("accrual_date")
    assert [str(row.amount) for row in rows] == ["10.00", "10.00", "5.00", "5.00"]


def test_the_instalments_after_the_reset_are_level_at_the_new_rate_and_those_before_stay():
    loan = make_planned(principal="1200.00", rate="0.12", term=12)
    pay_instalments(loan, [1])
    before = payments(loan)
    follow(loan, margin="0.00")
    publish("0.06", FIXED)
    adjust(FIXED)
    assert payments(loan)[:3] == before[:3]
    # The projected balance after April 1 over nine months at a half percent a month.
    owed = sum(one.principal for one in plan(loan)[3:])
    assert owed == D("1200.00") - sum(one.principal for one in plan(loan)[:3])
    level = owed * D("0.005") / (1 - D("1.005") ** -9)
    assert payments(loan)[3] == str(round(level, 2)) == str(RateReset.objects.get().payment)
    assert {one.superseded_on for one in Instalment.objects.exclude(superseded_on=None)} == {FIXED}


def test_the_borrower_is_told_what_changes():
    loan = make_planned(principal="1200.00", rate="0.12", term=12)
    follow(loan)
    publish("0.06", day(2, 15))
    due_at = datetime(2024, 2, 16, 5, tzinfo=UTC)
    adjust(FIXED, due_at=due_at)
    notice = Notice.objects.get()
    assert (notice.kind, notice.noticed_on, notice.about, notice.due_at) == ("rate change", FIXED, RESET, due_at)
    assert notice.details == {
        "index": "SOFR",
        "index_value": "0.06000000",
        "published_on": "2024-02-15",
        "previous_rate": "0.12000000",
        "fully_indexed": "0.07000000",
        "rate": "0.07000000",
        "previous_payment": "106.62",
        "payment": payments(loan)[3],
    }


def test_a_rate_that_stays_is_recorded_and_told_too():
    loan = make_planned(rate="0.07")
    follow(loan)
    publish("0.06", FIXED)
    adjust(FIXED)
    assert fixed(loan) == [(RESET, "0.07")]
    assert Notice.objects.count() == 1
    assert payments(loan) == ["17.01"] * 5 + ["17.00"]


def test_a_night_done_again_writes_nothing():
    follow(make_planned())
    publish("0.06", FIXED)
    adjust(FIXED)
    before = checksum()
    assert adjust(FIXED).counts == {"rates": 0}
    assert adjust(FIXED + timedelta(days=1)).counts == {"rates": 0}
    assert checksum() == before


def test_a_missing_index_leaves_the_loan_out_by_name_and_the_others_go_on():
    good, waits = make_planned("good"), make_planned("waits")
    follow(good)
    follow(waits, index=RateIndex.objects.create(code="PRIME"))
    publish("0.06", FIXED)
    outcome = adjust(FIXED)
    assert outcome.counts == {"rates": 1}
    assert outcome.quarantined == [bad("waits", "index PRIME has no value for 2024-02-16: set it")]
    assert fixed(waits) == []


def test_a_stale_value_is_never_reused():
    loan = make_planned()
    follow(loan, stale_days=10)
    publish("0.06", FIXED - timedelta(days=11))
    assert adjust(FIXED).quarantined == [bad("L1", "index SOFR has no value for 2024-02-16: set it")]
    publish("0.05", FIXED - timedelta(days=10))
    assert adjust(FIXED).quarantined == []
    assert fixed(loan) == [(RESET, "0.06")]


def test_a_mended_loan_is_picked_up_as_if_its_value_had_been_there():
    loan = make_planned()
    follow(loan)
    adjust(FIXED)
    publish("0.05", FIXED)
    publish("0.09", FIXED + timedelta(days=3))
    assert adjust(FIXED + timedelta(days=4)).quarantined == []
    assert (fixed(loan), RateReset.objects.get().fixed_on) == ([(RESET, "0.06")], FIXED)


def test_a_rate_that_is_fixed_after_its_reset_prices_the_days_since_anew():
    in_time, late = (
        make_loan(number, principal="36000.00", rate="0.10", day_count=DayCount.ACT_360, term=36)
        for number in ("in time", "late")
    )
    follow(in_time, margin="0.00")
    follow(late, margin="0.00", index=RateIndex.objects.create(code="PRIME"))
    publish("0.05", FIXED)
    adjust(FIXED)
    accrue_interest(business_date=day(4, 20))
    assert total(late, day(4, 2), day(4, 20)) == D("190.00")
    publish("0.05", FIXED, code="PRIME")
    adjust(day(4, 20))
    assert total(late, day(4, 2), day(4, 20)) == total(in_time, day(4, 2), day(4, 20)) == D("95.00")


def test_instalments_that_are_due_already_stay_when_a_rate_comes_late():
    loan = make_planned(principal="1200.00", rate="0.12", term=12)
    before = payments(loan)
    follow(loan)
    adjust(FIXED)
    publish("0.05", FIXED)
    adjust(day(5, 10))
    assert payments(loan)[:4] == before[:4]
    assert payments(loan)[4] != before[4]


def test_resets_go_on_without_drifting_each_from_the_one_before():
    loan = make_planned(principal="1200.00", rate="0.05", term=24, start=date(2023, 12, 31))
    follow(loan, first_reset=date(2024, 1, 31), reset_months=1, look_back_days=0, periodic_cap="0.001")
    for on in days(date(2024, 1, 1), date(2024, 4, 30)):
        publish("0.09", on)
    for night in (date(2024, 1, 31), date(2024, 4, 30)):
        adjust(night)
    assert fixed(loan) == [
        (date(2024, 1, 31), "0.051"),
        (date(2024, 2, 29), "0.052"),
        (date(2024, 3, 31), "0.053"),
        (date(2024, 4, 30), "0.054"),
    ]


def test_nights_caught_up_equal_nights_on_time():
    books = []
    nights = days(day(2, 10), day(5, 25))
    for ran in (nights, nights[::17], nights[-1:]):
        with transaction.atomic():
            for n in range(3):
                loan = make_planned(f"L{n}", principal="1200.00", rate="0.05", term=24)
                follow(loan, reset_months=1, periodic_cap="0.002")
            for on in nights:
                publish(f"0.0{3 + on.month % 5}", on)
            publish("0.05", day(2, 9))
            for night in ran:
                adjust(night)
            columns = ("loan__number", "reset_on", "fixed_on", "index_value__value", "rate")
            segments = RateSegment.objects.values_list("loan__number", "effective_from", "rate")
            books.append((sorted(RateReset.objects.values_list(*columns)), sorted(segments)))
            transaction.set_rollback(True)
    assert books[0] == books[1] == books[2]
    assert len(books[0][0]) == 3 * 4


def test_resets_before_we_got_the_loan_and_from_maturity_on_are_none():
    loan = make_planned(term=6)
    follow(loan, first_reset=START, reset_months=3, look_back_days=0)
    publish("0.05", day(4, 1))
    publish("0.05", day(7, 1))
    adjust(day(8, 1))
    assert fixed(loan) == [(day(4, 1), "0.06")]


def test_a_loan_that_has_ended_is_left_alone():
    loan = make_planned()
    follow(loan)
    Closure.objects.create(loan=loan, closed_on=day(1, 20), reason="fully paid")
    assert (adjust(FIXED).counts, adjust(FIXED).quarantined) == ({"rates": 0}, [])


def test_a_rate_that_is_agreed_from_the_reset_on_already_is_not_overwritten():
    loan = make_planned()
    follow(loan)
    publish("0.05", FIXED)
    set_rate(loan, "0.09", RESET)
    assert [item.reason for item in adjust(FIXED).quarantined] == [
        "a rate is agreed from 2024-04-01 on that no reset has fixed: correct its terms"
    ]


def test_only_the_chosen_loans_are_done():
    for number in ("a", "b"):
        follow(make_planned(number))
    publish("0.05", FIXED)
    outcome = adjust(FIXED, only=["b", "ghost"])
    assert (outcome.counts, [item.key for item in outcome.quarantined]) == ({"rates": 1}, ["ghost"])
    assert RateReset.objects.get().loan.number == "b"


def test_a_night_without_variable_loans_does_nothing():
    make_planned()
    assert adjust(FIXED).counts == {"rates": 0}


def enter(value="0.05", on=FIXED, **options):
    return set_index_value(code="SOFR", published_on=on, value=D(value), today=FIXED, **options)


def test_a_value_is_entered_once():
    assert enter(is_new=True)
    assert not enter()
    assert [(one.published_on, one.value) for one in IndexValue.objects.all()] == [(FIXED, D("0.05"))]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"value": "0.06"}, "it is 0.05000000 already"),
        ({"on": FIXED + timedelta(days=1)}, "today is 2024-02-16"),
        ({"value": "1.01"}, "enter a percentage"),
        ({"value": "0.123456789"}, "enter a percentage"),
    ],
)
def test_a_value_that_cannot_be_is_refused(options, message):
    enter(is_new=True)
    with pytest.raises(BadIndexValueError, match=message):
        enter(**options)


def test_an_unknown_index_is_refused():
    with pytest.raises(BadIndexValueError, match="no such index"):
        enter()
