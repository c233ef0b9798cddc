"""Default and charge-off: on which night, for what reason, and what leaves the books."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from common.outcomes import BadItem
from delinquency.models import Default, Flag
from ledger.exceptions import PeriodClosedError
from ledger.models import AccountingPeriod, JournalEntry
from ledger.selectors import trial_balance
from loans.grid import days
from loans.models import Accrual, Closure, Forbearance, Loan, RateSegment, Transaction
from loans.services import accrue_interest
from tests.integration.delinquency.behind import (
    D,
    defaults,
    judge,
    make_loan,
    make_product,
    move,
    night,
    pay,
    standings,
)

pytestmark = pytest.mark.usefixtures("books")

DUES = ["2024-01-01", "2024-12-01"]
DEFAULTED, LOST, HALF_A_YEAR = date(2024, 3, 31), date(2024, 4, 30), date(2024, 6, 29)


def earn(loan, rate="0.00"):
    """Let a loan accrue, as one must that is to be charged off."""
    RateSegment.objects.create(loan=loan, effective_from=loan.originated_on, rate=rate)
    return loan


def accrue_and_judge(day, **options):
    accrue_interest(business_date=day)
    return judge(day, **options)


def booked():
    return {row.code: row.balance for row in trial_balance() if row.balance}


def test_the_days_at_which_a_loan_is_in_default_and_charged_off():
    loan = earn(make_loan(dues=DUES))
    for day in days(date(2024, 3, 29), date(2024, 5, 2)):
        accrue_and_judge(day)
    assert defaults(loan) == [(1, DEFAULTED, "days past due", None)]
    assert Closure.objects.values_list("closed_on", "reason").get() == (LOST, "charged off")


@pytest.mark.parametrize(
    ("limit", "on"), [(119, date(2024, 4, 29)), (120, LOST), (121, date(2024, 5, 1)), (180, HALF_A_YEAR)]
)
def test_the_day_before_the_limit_charges_nothing_off(limit, on):
    earn(make_loan(dues=DUES, product=make_product("limit", charge_off_dpd=limit)))
    for day in days(date(2024, 4, 28), HALF_A_YEAR):
        counts = accrue_and_judge(day).counts
        assert counts["charged_off"] == (1 if day == on else 0)
    assert Closure.objects.get().closed_on == on


def test_a_charge_off_takes_the_principal_off_the_books():
    loan = earn(make_loan(dues=["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"]))
    pay(loan, date(2024, 1, 1), "250.00")
    accrue_and_judge(date(2024, 5, 31))
    row = Transaction.objects.get(kind="charge-off")
    assert (row.effective_date, row.principal, row.interest) == (date(2024, 5, 31), D("-750.00"), D(0))
    assert booked() == {"CL": D("-750.00"), "CO": D("750.00")}


def test_a_charge_off_credits_what_is_posted_and_recoveries_come_after():
    product = make_product("flat", charge_off_dpd=21)
    loan = make_loan(dues=["2023-02-01", "2023-03-01", "2023-04-01"], amount="333.33", product=product)
    Loan.objects.update(originated_on=date(2023, 1, 1), accrues_from=date(2023, 1, 1))
    loan.refresh_from_db()
    move(loan, "disbursement", date(2023, 1, 1), principal=D("0.01"))
    Transaction.objects.update(effective_date=date(2023, 1, 1))
    earn(loan, "0.12")
    for fee in ("10.00", "103.00"):
        move(loan, "fee", date(2023, 2, 1), fees=D(fee))
    for day in days(date(2023, 2, 20), date(2023, 2, 24)):
        assert accrue_and_judge(day).quarantined == []
    entry = JournalEntry.objects.get(kind="charge-off")
    lines = {line.account_id: line.debit - line.credit for line in entry.lines.all()}
    assert lines == {
        "LR": D("-1000.00"),
        "IR": D("-17.50"),
        "FR": D("-113.00"),
        "CO": D("1000.00"),
        "COI": D("17.50"),
        "COF": D("113.00"),
    }
    assert (entry.entry_date, Accrual.objects.latest("accrual_date").accrual_date) == (date(2023, 2, 22),) * 2
    before = booked()["CL"]
    for day, amount in [(date(2023, 3, 1), "500.00"), (date(2023, 3, 5), "630.50")]:
        move(loan, "payment", day, recovered=D(amount))
    assert booked()["REC"] == D("-1130.50")
    assert booked()["CL"] - before == D("1130.50")
    assert not {"LR", "IR", "FR"} & set(booked())


def test_what_is_posted_for_later_days_is_taken_off_too():
    """A night that runs late: a payment of the days after is on the books, and nothing may stay behind."""
    loan = earn(make_loan(dues=DUES))
    pay(loan, date(2024, 5, 2), "100.00")
    accrue_and_judge(LOST)
    assert Transaction.objects.get(kind="charge-off").principal == D("-400.00")


def test_a_loan_that_was_paid_off_meanwhile_is_not_charged_off():
    loan = earn(make_loan(dues=DUES))
    pay(loan, LOST, "500.00")
    Closure.objects.create(loan=loan, closed_on=LOST, reason="fully paid")
    assert accrue_and_judge(LOST).counts == {"defaulted": 1, "cured": 0, "charged_off": 0}
    assert Closure.objects.get().reason == "fully paid"


def test_a_default_is_cured_when_nothing_is_past_due_and_the_next_is_another_cycle():
    loan = make_loan(dues=["2024-01-01", "2024-02-01", "2024-03-01"], product=make_product("soon", default_dpd=20))
    judge(date(2024, 1, 21))
    pay(loan, date(2024, 1, 25), "250.00")
    assert judge(date(2024, 1, 25)).counts["cured"] == 0
    assert judge(date(2024, 1, 26)).counts["cured"] == 1
    judge(date(2024, 2, 21))
    assert defaults(loan) == [
        (1, date(2024, 1, 21), "days past due", date(2024, 1, 26)),
        (2, date(2024, 2, 21), "days past due", None),
    ]


def test_cured_before_the_night_is_no_default():
    loan = make_loan(dues=DUES)
    pay(loan, date(2024, 3, 30), "250.00")
    judge(DEFAULTED)
    assert defaults(loan) == []


def test_less_past_due_than_the_limit_is_still_a_default_until_all_is_paid():
    loan = make_loan(dues=["2024-01-01", "2024-02-01", "2024-12-01"])
    judge(DEFAULTED)
    pay(loan, date(2024, 4, 1), "250.00")
    judge(date(2024, 4, 2))
    assert defaults(loan) == [(1, DEFAULTED, "days past due", None)]


def test_past_maturity_with_a_balance():
    loan = make_loan(dues=["2024-01-01"])
    judge(date(2024, 1, 1))
    assert defaults(loan) == []
    judge(date(2024, 1, 2))
    assert defaults(loan) == [(1, date(2024, 1, 2), "maturity", None)]


def test_the_grace_of_buckets_is_that_of_maturity():
    loan = make_loan(dues=["2024-01-01"], product=make_product("grace", delinquency_grace=5))
    for day in days(date(2024, 1, 2), date(2024, 1, 8)):
        judge(day)
    assert defaults(loan) == [(1, date(2024, 1, 7), "maturity", None)]


@pytest.mark.parametrize("kind", ["bankruptcy", "deceased"])
def test_a_flag_is_a_default_however_well_the_loan_is_paid(kind):
    loan = make_loan(dues=["2030-01-01"])
    flag = Flag.objects.create(loan=loan, kind=kind, starts_on=date(2024, 1, 5))
    judge(date(2024, 1, 5))
    assert defaults(loan) == []
    judge(date(2024, 1, 6))
    assert defaults(loan) == [(1, date(2024, 1, 6), kind, None)]
    flag.ends_on = date(2024, 1, 10)
    flag.save()
    judge(date(2024, 1, 10))
    assert defaults(loan)[0][3] is None
    judge(date(2024, 1, 11))
    assert defaults(loan) == [(1, date(2024, 1, 6), kind, date(2024, 1, 11))]


def test_forbearance_keeps_a_loan_from_default_while_it_lasts():
    loan = make_loan(dues=DUES, product=make_product("soon", default_dpd=20))
    Forbearance.objects.create(loan=loan, starts_on=date(2024, 1, 20), ends_on=date(2024, 1, 31))
    for day in days(date(2024, 1, 19), date(2024, 2, 3)):
        judge(day)
    # 19 days on January 20th; the 31st is the last that does not count, so the 20th is over on February 2nd.
    assert defaults(loan) == [(1, date(2024, 2, 2), "days past due", None)]


def test_forbearance_with_the_limit_reached_already_does_not_begin_a_default():
    loan = make_loan(dues=DUES, product=make_product("soon", default_dpd=20))
    Forbearance.objects.create(loan=loan, starts_on=date(2024, 1, 25), ends_on=date(2024, 1, 31))
    judge(date(2024, 1, 26))
    assert defaults(loan) == []
    judge(date(2024, 2, 1))
    assert defaults(loan) == [(1, date(2024, 2, 1), "days past due", None)]


def test_never_is_a_limit_too():
    loan = make_loan(dues=DUES, product=make_product("never", default_dpd=None, charge_off_dpd=None))
    assert judge(date(2024, 11, 30)).counts == {"defaulted": 0, "cured": 0, "charged_off": 0}
    assert (defaults(loan), Closure.objects.count()) == ([], 0)


def test_a_charged_off_loan_stays_in_default():
    loan = earn(make_loan(dues=DUES))
    for day in days(date(2024, 4, 29), date(2024, 5, 3)):
        accrue_and_judge(day)
    assert defaults(loan) == [(1, date(2024, 4, 29), "days past due", None)]
    assert standings(loan)[-1][1] == date(2024, 5, 1)


def test_a_second_time_a_night_writes_nothing():
    earn(make_loan(dues=DUES))
    assert accrue_and_judge(LOST).counts == {"defaulted": 1, "cured": 0, "charged_off": 1}
    before = list(Transaction.objects.values_list())
    assert accrue_and_judge(LOST).counts == {"defaulted": 0, "cured": 0, "charged_off": 0}
    assert list(Transaction.objects.values_list()) == before


def test_one_bad_loan_of_a_thousand_leaves_999_charged_off():
    for n in range(1000):
        loan = make_loan(f"L{n:03}", dues=DUES)
        if n != 500:
            earn(loan)
    accrue_interest(business_date=LOST)
    outcome = judge(LOST)
    assert outcome.counts["charged_off"] == 999
    reason = "it is to be charged off, but its interest of 2024-04-30 is not accrued: mend that"
    assert outcome.quarantined == [BadItem(model="loans.Loan", key="L500", reason=reason)]
    earn(Loan.objects.get(number="L500"), "0.10")
    outcome = accrue_and_judge(date(2024, 5, 1))
    assert (outcome.counts, outcome.quarantined) == ({"defaulted": 1, "cured": 0, "charged_off": 1}, [])
    assert Closure.objects.get(loan__number="L500").closed_on == date(2024, 5, 1)
    assert Default.objects.get(loan__number="L500").defaulted_on == LOST
    assert not {"LR", "IR"} & set(booked())


def test_a_rerun_picks_up_just_the_loan_that_was_left_out():
    make_loan("bad", dues=DUES)
    earn(make_loan("good", dues=DUES))
    judge_all = accrue_and_judge(LOST)
    assert [item.key for item in judge_all.quarantined] == ["bad"]
    earn(Loan.objects.get(number="bad"), "0.10")
    accrue_interest(business_date=LOST, only=["bad"])
    outcome = judge(LOST, only=["bad", "ghost"])
    assert outcome.counts == {"defaulted": 1, "cured": 0, "charged_off": 1}
    assert [item.key for item in outcome.quarantined] == ["ghost"]
    assert Closure.objects.get(loan__number="bad").closed_on == LOST


def test_a_loan_that_accrued_beyond_the_night_waits_for_the_next():
    loan = earn(make_loan(dues=DUES))
    accrue_interest(business_date=date(2024, 5, 1))
    outcome = judge(LOST)
    reason = "it is to be charged off, but accrued beyond 2024-04-30: the next night does it"
    assert outcome.quarantined == [BadItem(model="loans.Loan", key="L1", reason=reason)]
    assert judge(date(2024, 5, 1)).counts["charged_off"] == 1
    assert Closure.objects.get(loan=loan).closed_on == date(2024, 5, 1)


def test_without_loans_a_night_succeeds():
    outcome = judge(LOST)
    assert (outcome.counts, outcome.quarantined) == ({"defaulted": 0, "cured": 0, "charged_off": 0}, [])


def test_nothing_is_charged_off_in_a_closed_month():
    loan = earn(make_loan(dues=DUES))
    accrue_interest(business_date=LOST)
    night(LOST)
    AccountingPeriod.objects.create(starts_on=date(2024, 4, 1), status="closed", closed_on=date(2024, 5, 2))
    with pytest.raises(PeriodClosedError), transaction.atomic():
        judge(LOST)
    assert (defaults(loan), Closure.objects.count()) == ([], 0)


def test_the_database_refuses_a_second_default_beside_the_first():
    loan = make_loan(dues=DUES)
    judge(DEFAULTED)
    with pytest.raises(IntegrityError, match="delinquency_default_current"), transaction.atomic():
        Default.objects.create(loan=loan, cycle_no=2, defaulted_on=LOST, reason="bankruptcy")
    with pytest.raises(IntegrityError, match="delinquency_default_key"), transaction.atomic():
        Default.objects.create(loan=loan, cycle_no=1, defaulted_on=LOST, reason="bankruptcy", cured_on=HALF_A_YEAR)
