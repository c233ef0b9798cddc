"""Forbearance: granted, extended, told of in time, and ended with what becomes of the arrears."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import override_settings

from common.checksum import checksum
from common.outcomes import BadItem
from ledger.models import JournalEntry
from loans.daycount import DayCount
from loans.exceptions import BadTermsError, LoanEndedError, NoSuchLoanError
from loans.models import Accrual, Closure, Forbearance, Instalment, Notice, RateSegment, Transaction
from loans.selectors import balances
from loans.selectors.past_due import PAST_DUE
from loans.services import (
    accrue_interest,
    check_forbearance_expiry,
    extend_forbearance,
    grant_forbearance,
)
from loans.services.booking import Booking
from loans.signals import past_changed
from tests.integration.loans.books import START, days, make_loan, set_rate, total, turnover
from tests.integration.loans.plans import day, make_planned, pay, pay_instalments, payments, plan

pytestmark = pytest.mark.usefixtures("books")

D = Decimal
FIRST, END = day(2, 10), day(4, 14)


def grant(loan, starts_on=FIRST, ends_on=END, on=None, **options):
    return grant_forbearance(
        loan_number=loan.number,
        starts_on=starts_on,
        ends_on=ends_on,
        booking=Booking(entry_date=on or starts_on),
        **options,
    )


def extend(loan, ends_on, on):
    return extend_forbearance(loan_number=loan.number, ends_on=ends_on, booking=Booking(entry_date=on))


def night(on, **options):
    """Run what a night does to interest and forbearances, in its order."""
    accrue_interest(business_date=on)
    return check_forbearance_expiry(business_date=on, **options)


def counts(**done):
    """Return what a night counts that did no more than this."""
    return {"ended": 0, "capitalised": 0, "deferred": 0, "told": 0, **done}


def past_due(loan, on):
    """Return the numbers of the instalments that are past due."""
    found = Instalment.objects.raw(
        f"SELECT * FROM ({PAST_DUE}) p WHERE loan_id = %(loan)s", {"day": on, "loan": loan.pk}
    )
    return sorted(instalment.number for instalment in found)


def ended(loan):
    return list(Forbearance.objects.filter(loan=loan).order_by("starts_on").values_list("ended_on", flat=True))


def test_it_is_ended_in_the_night_after_its_last_day():
    loan = make_planned()
    grant(loan)
    assert night(END).counts["ended"] == 0
    assert night(END + timedelta(days=1)).counts == counts(ended=1)
    assert ended(loan) == [day(4, 15)]


def test_a_night_counts_what_it_moved():
    for number, arrears in enumerate(Forbearance.Arrears.values):
        grant(make_planned(f"L{number}"), arrears=arrears)
    assert night(day(4, 15)).counts == counts(ended=3, capitalised=1, deferred=1)


def test_where_all_is_due_at_once_nothing_moves():
    loan = make_planned()
    grant(loan)
    before = payments(loan)
    night(day(4, 15))
    assert payments(loan) == before
    assert past_due(loan, day(4, 16)) == [1, 2, 3]
    assert not Transaction.objects.filter(kind="capitalisation").exists()


def test_the_borrower_is_told_in_time_and_at_the_end():
    loan = make_planned()
    grant(loan)
    due_at = datetime(2024, 3, 31, 6, 30, tzinfo=UTC)
    assert night(day(3, 30)).counts == counts()
    assert night(day(3, 31), due_at=due_at, run_id=1).counts == counts(told=1)
    for on in days(day(4, 1), day(4, 16)):
        night(on)
    notices = Notice.objects.order_by("noticed_on").values_list("kind", "noticed_on", "about", "due_at", "details")
    assert list(notices) == [
        ("forbearance ending", day(3, 31), END, due_at, {"arrears": "lump"}),
        ("forbearance ended", day(4, 15), END, None, {"arrears": "lump", "capitalised": "0.00"}),
    ]


@override_settings(MATINS_FORBEARANCE_NOTICE_DAYS=3)
def test_how_long_before_is_a_setting():
    grant(make_planned())
    assert [night(on).counts["told"] for on in days(day(4, 10), day(4, 12))] == [0, 1, 0]


def test_unpaid_interest_becomes_principal_and_the_rest_is_level_again():
    loan = make_planned(principal="36000.00", rate="0.10", day_count=DayCount.ACT_360, term=12)
    pay_instalments(loan, [1])
    owed = 36000 - plan(loan).first().principal
    accrue_interest(business_date=day(2, 1))
    grant(loan, arrears="capitalise")
    for on in days(day(2, 2), day(4, 15)):
        night(on, run_id=9)
    # What the days from February 2 to April 15 earned, the first of them and the last included.
    unpaid = total(loan, day(2, 2), day(4, 15))
    moved = Transaction.objects.get(kind="capitalisation")
    assert (moved.principal, moved.interest, moved.effective_date) == (unpaid, -unpaid, day(4, 15))
    lines = {line.account_id: line.debit - line.credit for line in moved.entry.lines.all()}
    assert (lines, moved.entry.run_id) == ({"LR": unpaid, "IR": -unpaid}, 9)
    assert balances(day(4, 15), [loan.pk])[loan.pk].interest == 0
    assert [one.number for one in plan(loan)] == [1, *range(4, 13)]
    assert sum(one.principal for one in plan(loan)[1:]) == owed + unpaid
    assert past_due(loan, day(4, 16)) == []
    assert Notice.objects.get(kind="forbearance ended").details == {"arrears": "capitalise", "capitalised": str(unpaid)}
    # The first instalment has the interest of sixteen days only: that of the others has become principal.
    assert plan(loan)[1].interest == round((owed + unpaid) * D("0.1") * 16 / 360, 2)
    accrue_interest(business_date=day(5, 1))
    assert total(loan, day(4, 16), day(5, 1)) == plan(loan)[1].interest


def test_interest_that_was_paid_meanwhile_does_not_become_principal():
    loan = make_planned(principal="36000.00", rate="0.10", day_count=DayCount.ACT_360, term=12)
    accrue_interest(business_date=day(2, 1))
    grant(loan, arrears="capitalise")
    pay(loan, D("0.00"), D("300.00"), day(3, 1))
    # One of the night itself comes after it by rule, though it was posted before.
    pay(loan, D("0.00"), D("200.00"), day(4, 15))
    night(day(4, 15))
    assert Transaction.objects.get(kind="capitalisation").principal == 105 * D("10.00") - D("500.00")


def test_missed_instalments_move_to_the_last_one():
    loan = make_planned()
    pay_instalments(loan, [1])
    before = [D(payment) for payment in payments(loan)]
    grant(loan, arrears="defer")
    night(day(4, 15))
    assert [one.number for one in plan(loan)] == [1, 4, 5, 6]
    assert [D(payment) for payment in payments(loan)] == [before[0], *before[3:5], before[5] + before[1] + before[2]]
    assert past_due(loan, day(4, 16)) == []
    assert not Transaction.objects.filter(kind="capitalisation").exists()


def test_an_extension_on_the_last_day_or_the_day_after_prevails():
    loan = make_planned()
    grant(loan)
    extend(loan, day(5, 31), END)
    night(day(4, 15))
    extend(loan, day(6, 30), day(6, 1))
    night(day(6, 1))
    assert ended(loan) == [None]
    night(day(7, 1))
    assert ended(loan) == [day(7, 1)]


def test_an_extension_on_the_day_it_was_ended_prevails_unless_arrears_have_moved():
    lump, moved = make_planned("lump"), make_planned("moved")
    grant(lump)
    grant(moved, arrears="defer")
    night(day(4, 15))
    extend(lump, day(5, 31), day(4, 15))
    assert ended(lump) == [None]
    with pytest.raises(BadTermsError, match="its arrears have moved on 2024-04-15"):
        extend(moved, day(5, 31), day(4, 15))
    night(day(6, 1))
    with pytest.raises(BadTermsError, match="no forbearance runs"):
        extend(lump, day(6, 30), day(6, 2))


def test_an_extension_is_told_of_by_its_own_date():
    loan = make_planned()
    grant(loan)
    night(day(4, 1))
    extend(loan, day(4, 20), day(4, 2))
    night(day(4, 6))
    assert list(Notice.objects.order_by("about").values_list("about", flat=True)) == [END, day(4, 20)]


def test_while_another_goes_on_the_arrears_wait_for_its_end():
    loan = make_planned(principal="36000.00", rate="0.10", day_count=DayCount.ACT_360, term=12)
    grant(loan, arrears="capitalise")
    grant(loan, starts_on=day(4, 15), ends_on=day(4, 20), arrears="defer")
    for on in days(day(4, 14), day(4, 22)):
        night(on)
    assert ended(loan) == [day(4, 15), day(4, 21)]
    assert not Transaction.objects.filter(kind="capitalisation").exists()
    assert Notice.objects.filter(kind="forbearance ended").get().about == day(4, 20)
    assert past_due(loan, day(4, 22)) == []


def test_of_two_that_end_together_the_later_decides():
    loan = make_planned()
    grant(loan, arrears="defer")
    grant(loan, starts_on=day(3, 1), arrears="lump")
    night(day(4, 15))
    assert ended(loan) == [day(4, 15)] * 2
    assert past_due(loan, day(4, 16)) == [1, 2, 3]


def test_a_night_done_again_writes_nothing():
    for number, arrears in enumerate(Forbearance.Arrears.values):
        grant(make_planned(f"L{number}"), arrears=arrears)
    night(day(4, 1))
    night(day(4, 15))
    before = checksum()
    assert night(day(4, 15)).counts == counts()
    assert night(day(4, 1)).counts == counts()
    assert checksum() == before


def test_nights_caught_up_equal_nights_on_time():
    books, nights = [], days(day(3, 20), day(4, 25))
    for ran in (nights, nights[::7], nights[-1:]):
        with transaction.atomic():
            for n, ends_on in enumerate(days(day(4, 8), day(4, 22))):
                loan = make_planned(f"L{n:02}", principal="3600.00", rate="0.10", term=12)
                grant(loan, ends_on=ends_on, arrears=Forbearance.Arrears.values[n % 3], accrues=bool(n % 2))
            for on in [*ran, nights[-1]]:
                night(on)
            columns = ("loan__number", "accrual_date", "principal", "rate", "amount")
            rows = Accrual.objects.filter(reversal=None).values_list(*columns)
            moved = Transaction.objects.values_list("loan__number", "kind", "effective_date", "principal", "interest")
            due = Instalment.objects.filter(superseded_on=None).values_list("loan__number", "number", "due_date")
            over = Forbearance.objects.values_list("loan__number", "ended_on")
            books.append([sorted(rows), sorted(moved), sorted(due), sorted(over)])
            transaction.set_rollback(True)
    assert books[0] == books[1] == books[2]


def test_a_loan_whose_interest_is_not_written_is_left_out_until_it_is():
    good, waits = (make_planned(number, rate="0.10") for number in ("good", "waits"))
    for loan in (good, waits):
        grant(loan, arrears="capitalise")
    RateSegment.objects.filter(loan=waits).delete()
    outcome = night(day(4, 15))
    reason = "its interest is not written through 2024-04-15, so what is unpaid is not known: see its accrual"
    assert outcome.counts["ended"] == 1
    assert outcome.quarantined == [BadItem(model="loans.Loan", key="waits", reason=reason)]
    assert (ended(good), ended(waits)) == ([day(4, 15)], [None])
    set_rate(waits, "0.10", START)
    night(day(4, 18))
    assert ended(waits) == [day(4, 15)]
    moved = Transaction.objects.filter(kind="capitalisation").values_list("effective_date", "principal")
    assert len(set(moved)) == 1
    accrue_interest(business_date=day(4, 25))
    assert total(good, day(4, 15), day(4, 25)) == total(waits, day(4, 15), day(4, 25))


def test_a_loan_that_has_ended_is_only_marked():
    loan = make_planned()
    grant(loan, arrears="capitalise")
    Closure.objects.create(loan=loan, closed_on=day(3, 1), reason="charged off")
    assert night(day(4, 15)).counts == counts(ended=1)
    assert (ended(loan), Notice.objects.count()) == ([day(4, 15)], 0)
    assert not Transaction.objects.filter(kind="capitalisation").exists()


def test_only_the_chosen_loans_are_done():
    for number in ("a", "b"):
        grant(make_planned(number))
    outcome = night(day(4, 15), only=["b", "ghost"])
    assert (outcome.counts["ended"], [item.key for item in outcome.quarantined]) == (1, ["ghost"])
    assert Forbearance.objects.get(ended_on=None).loan.number == "a"


def test_a_night_without_forbearances_does_nothing():
    assert check_forbearance_expiry(business_date=END).counts == counts()
    assert not JournalEntry.objects.exists()


def test_granted_for_days_that_are_over_it_takes_their_interest_back():
    loan = make_loan(principal="36000.00", rate="0.10", day_count=DayCount.ACT_360)
    accrue_interest(business_date=day(1, 20))
    grant(loan, starts_on=day(1, 10), on=day(1, 20), accrues=False)
    assert total(loan, day(1, 2), day(1, 20)) == turnover("IR") == D("90.00")


def test_extended_for_days_that_are_over_it_takes_their_interest_back_too():
    loan = make_loan(principal="36000.00", rate="0.10", day_count=DayCount.ACT_360)
    grant(loan, starts_on=day(1, 5), ends_on=day(1, 9), accrues=False)
    accrue_interest(business_date=day(1, 20))
    assert total(loan, day(1, 2), day(1, 20)) == D("140.00")
    extend(loan, day(1, 15), day(1, 20))
    assert total(loan, day(1, 2), day(1, 20)) == D("80.00")


@pytest.fixture
def heard():
    """What the apps above hear of changed pasts."""
    told = []

    def hear(since, booking, **_):
        told.append((since, booking.entry_date))

    past_changed.connect(hear)
    yield told
    past_changed.disconnect(hear)


def test_whoever_decides_by_the_past_hears_that_it_changed(heard):
    loan = make_loan()
    grant(loan, starts_on=day(1, 10), on=day(1, 20))
    extend(loan, END + timedelta(days=1), END + timedelta(days=9))
    grant(loan, starts_on=day(5, 1), ends_on=day(5, 31))
    assert heard == [({loan.pk: day(1, 10)}, day(1, 20)), ({loan.pk: day(4, 15)}, day(4, 23))]


@pytest.mark.parametrize(
    ("options", "error"),
    [({"ends_on": FIRST - timedelta(days=1)}, "before it starts"), ({}, "is granted already: extend that one")],
)
def test_what_would_be_no_forbearance_is_refused(options, error):
    loan = make_loan()
    grant(loan)
    with pytest.raises(BadTermsError, match=error):
        grant(loan, **options)
    assert Forbearance.objects.count() == 1


def test_an_extension_that_would_end_no_later_is_refused():
    loan = make_loan()
    grant(loan)
    with pytest.raises(BadTermsError, match="lasts through 2024-04-14 already"):
        extend(loan, END, END)


def test_nothing_is_granted_to_loans_that_are_not_there():
    loan = make_loan()
    Closure.objects.create(loan=loan, closed_on=date(2024, 1, 10), reason="fully paid")
    with pytest.raises(LoanEndedError):
        grant(loan)
    loan.number = "ghost"
    with pytest.raises(NoSuchLoanError):
        extend(loan, END, END)
