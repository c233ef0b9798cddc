"""Late fees: on which day, how much, once, and never for an earlier fee."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from common.outcomes import BadItem
from fees.models import Fee, LateFeeCap
from fees.selectors import outstanding_fees
from fees.services import reverse_fees_paid_in_time
from ledger.models import AccountingPeriod
from ledger.selectors import trial_balance
from loans.grid import days
from loans.models import Borrower, Closure, Forbearance, TapeRow
from loans.services.booking import Booking
from tests.integration.delinquency.behind import add_instalment, make_loan, make_product, move, pay, take_back
from tests.integration.fees.charged import fees, late, movements

pytestmark = pytest.mark.usefixtures("books")

DUES = ["2024-01-01", "2024-02-01", "2024-03-01"]
FIVE = Decimal("5.00")
FEE_DAY = date(2024, 1, 17)


def jan(day):
    return date(2024, 1, day)


def make(number="L1", *, dues=DUES, state="CA", amount="100.00", **terms):
    product = make_product("fee " + "/".join(terms.values()), **{"late_fee_flat": "5.00", **terms})
    return make_loan(number, dues=dues, amount=amount, product=product, state=state)


# --- The day ---------------------------------------------------------------------------------------------------------


def test_paid_on_the_last_day_of_grace_there_is_none():
    loan = make()
    pay(loan, jan(16), "100.00")
    for day in days(jan(15), jan(25)):
        late(day)
    assert fees() == []


def test_unpaid_there_is_one_on_the_day_after():
    make()
    found = [late(day).counts["fees"] for day in days(jan(15), jan(20))]
    assert found == [0, 0, 1, 0, 0, 0]
    assert fees() == [(FEE_DAY, FIVE)]


def test_it_bears_its_day_when_its_nights_were_missed():
    make()
    late(jan(21))
    assert fees() == [(FEE_DAY, FIVE)]
    assert movements("fee") == [(FEE_DAY, "fee", FIVE, "late:L1:1:2024-01-17", jan(21))]


def test_it_is_assessed_although_it_was_paid_between_its_day_and_the_night():
    loan = make()
    pay(loan, jan(18), "100.00")
    late(jan(21))
    assert fees() == [(FEE_DAY, FIVE)]


def test_a_payment_on_the_fees_own_day_is_too_late():
    loan = make()
    pay(loan, FEE_DAY, "100.00")
    late(FEE_DAY)
    assert fees() == [(FEE_DAY, FIVE)]


def test_every_instalment_has_its_own():
    make()
    late(date(2024, 3, 20))
    assert [day for day, _ in fees()] == [FEE_DAY, date(2024, 2, 17), date(2024, 3, 17)]


def test_a_payment_taken_back_makes_it_due_on_the_day_after():
    loan = make()
    pay(loan, jan(1), "100.00")
    late(FEE_DAY)
    take_back(loan, jan(25), "100.00")
    assert [late(day).counts["fees"] for day in (jan(25), jan(26), jan(27))] == [0, 1, 0]
    assert fees() == [(jan(26), FIVE)]


def test_a_payment_taken_back_within_the_grace_leaves_the_day_as_it_is():
    loan = make()
    pay(loan, jan(1), "100.00")
    take_back(loan, jan(5), "100.00")
    late(jan(20))
    assert fees() == [(FEE_DAY, FIVE)]


def test_a_payment_taken_back_and_made_again_the_same_day_is_in_time():
    loan = make()
    pay(loan, jan(1), "100.00")
    take_back(loan, jan(25), "100.00")
    pay(loan, jan(25), "100.00")
    late(jan(30))
    assert fees() == []


def test_of_a_closed_month_it_bears_the_first_open_day():
    make()
    AccountingPeriod.objects.create(starts_on=jan(1), status="closed", closed_on=date(2024, 2, 5))
    late(date(2024, 2, 10))
    assert fees() == [(date(2024, 2, 1), FIVE)]


# --- The amount ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "amount"),
    [
        ({"late_fee_flat": "15.00"}, "15.00"),
        ({"late_fee_flat": "0.00", "late_fee_rate": "0.05"}, "5.00"),
        ({"late_fee_flat": "2.00", "late_fee_rate": "0.05"}, "7.00"),
        ({"late_fee_flat": "0.00", "late_fee_rate": "0.05", "late_fee_min": "10.00"}, "10.00"),
        ({"late_fee_flat": "30.00", "late_fee_max": "25.00"}, "25.00"),
    ],
)
def test_flat_rate_least_and_most(terms, amount):
    make(**terms)
    late(FEE_DAY)
    assert fees() == [(FEE_DAY, Decimal(amount))]


@pytest.mark.parametrize(
    ("paid", "amount"), [("60.00", "2.00"), ("89.90", "0.50"), ("89.70", "0.52"), ("89.50", "0.52")]
)
def test_the_rate_is_of_what_is_missing_and_ties_go_to_the_even_cent(paid, amount):
    loan = make(late_fee_flat="0.00", late_fee_rate="0.05")
    pay(loan, jan(2), paid)
    late(FEE_DAY)
    assert fees() == [(FEE_DAY, Decimal(amount))]


def test_no_more_than_the_instalment_is_missing():
    loan = make(late_fee_flat="0.00", late_fee_rate="0.05")
    late(date(2024, 2, 17))
    assert fees(loan) == [(FEE_DAY, FIVE), (date(2024, 2, 17), FIVE)]


@pytest.mark.parametrize(
    ("cap", "amount"),
    [
        ({"max_amount": "4.00"}, "4.00"),
        ({"max_rate": "0.03339"}, "3.33"),
        ({"max_amount": "4.00", "max_rate": "0.03"}, "3.00"),
        ({"max_amount": "8.00"}, "5.00"),
    ],
)
def test_the_borrowers_state_caps_it(cap, amount):
    LateFeeCap.objects.create(state="CA", **cap)
    LateFeeCap.objects.create(state="NY", max_amount="0.01")
    make(late_fee_min="5.00")
    late(FEE_DAY)
    assert fees() == [(FEE_DAY, Decimal(amount))]


def test_a_cap_of_nothing_leaves_no_fee():
    LateFeeCap.objects.create(state="CA", max_amount="0.00")
    make()
    assert late(FEE_DAY).counts == {"fees": 0}


@pytest.mark.parametrize(
    ("terms", "missing", "count"),
    [
        ({}, "0.01", 1),
        ({"late_fee_threshold": "10.00"}, "9.99", 0),
        ({"late_fee_threshold": "10.00"}, "10.00", 1),
        ({"tolerance": "10.00"}, "10.00", 0),
        ({"tolerance": "10.00"}, "10.01", 1),
    ],
)
def test_too_little_missing_is_no_reason(terms, missing, count):
    loan = make(**terms)
    pay(loan, jan(2), Decimal("100.00") - Decimal(missing))
    assert late(FEE_DAY).counts == {"fees": count}


def test_a_product_without_late_fees_has_none():
    make(late_fee_flat="0.00")
    assert late(FEE_DAY).counts == {"fees": 0}


# --- No fee for a fee ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("instalment", "fee"), [("100.00", "0.00"), ("95.00", "5.00")])
def test_paid_in_full_and_in_time_an_unpaid_fee_makes_no_other(instalment, fee):
    """Whatever the order in which the payment of February was spent."""
    loan = make()
    late(FEE_DAY)
    pay(loan, jan(20), "100.00")
    pay(loan, date(2024, 2, 1), instalment, fees=fee)
    for day in days(date(2024, 2, 16), date(2024, 2, 20)):
        assert late(day).counts == {"fees": 0}
    assert fees() == [(FEE_DAY, FIVE)]


def test_a_payment_that_is_short_by_itself_is_late_whatever_went_to_fees():
    loan = make()
    late(FEE_DAY)
    pay(loan, jan(20), "100.00")
    pay(loan, date(2024, 2, 1), "94.99", fees="5.00")
    late(date(2024, 2, 17))
    assert [day for day, _ in fees()] == [FEE_DAY, date(2024, 2, 17)]


def test_taken_back_a_payment_that_was_partly_spent_on_a_fee_makes_the_next_due():
    loan = make()
    late(FEE_DAY)
    pay(loan, jan(20), "100.00")
    pay(loan, date(2024, 2, 1), "95.00", fees="5.00")
    late(date(2024, 2, 17))
    take_back(loan, date(2024, 2, 20), "95.00", fees="5.00")
    late(date(2024, 2, 21))
    assert [day for day, _ in fees()] == [FEE_DAY, date(2024, 2, 21)]


# --- Which loans -----------------------------------------------------------------------------------------------------


def test_a_loan_that_ended_before_has_none():
    Closure.objects.create(loan=make(), closed_on=jan(16), reason="fully paid")
    assert late(FEE_DAY).counts == {"fees": 0}


def test_a_loan_charged_off_in_the_same_night_has_none():
    Closure.objects.create(loan=make("lost"), closed_on=FEE_DAY, reason="charged off")
    paid = make("paid")
    Closure.objects.create(loan=paid, closed_on=FEE_DAY, reason="fully paid")
    late(FEE_DAY)
    assert list(Fee.objects.values_list("loan", flat=True)) == [paid.pk]


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        (date(2023, 12, 1), date(2023, 12, 31), 1),
        (date(2023, 12, 1), jan(1), 0),
        (jan(5), jan(8), 0),
        (jan(17), jan(31), 0),
        (jan(18), jan(31), 1),
    ],
)
def test_a_forborne_instalment_has_none_also_afterwards(first, last, count):
    loan = make(dues=DUES[:1])
    Forbearance.objects.create(loan=loan, starts_on=first, ends_on=last)
    for day in days(FEE_DAY, date(2024, 2, 5)):
        late(day)
    assert len(fees()) == count


@pytest.mark.parametrize(("as_of", "count"), [(date(2024, 1, 16), 1), (date(2024, 1, 17), 0)])
def test_what_was_late_before_the_loan_came_to_us_is_not_ours(as_of, count):
    loan = make(dues=DUES[:1])
    memo = dict.fromkeys(("paid_total", "paid_principal", "paid_interest", "paid_late_fees", "annual_income"), 0)
    sums = dict.fromkeys(("loan_amount", "interest_rate", "installment", "balance"), 1)
    TapeRow.objects.create(
        loan_number=loan.number,
        line=2,
        as_of=as_of,
        fingerprint="0" * 32,
        term=1,
        issued_on=date(2023, 12, 1),
        **memo,
        **sums,
    )
    late(jan(20))
    assert len(fees()) == count


# --- Once ------------------------------------------------------------------------------------------------------------


def test_a_second_time_a_night_writes_nothing():
    make()
    late(FEE_DAY)
    before = movements("fee")
    assert late(FEE_DAY).counts == {"fees": 0}
    assert late(jan(15)).counts == {"fees": 0}
    assert movements("fee") == before


def test_a_waived_fee_is_not_assessed_again():
    loan = make(dues=DUES[:1])
    late(FEE_DAY)
    move(loan, "waiver", jan(18), fees=-FIVE, reference="late:L1:1:2024-01-17")
    assert late(jan(19)).counts == {"fees": 0}
    assert outstanding_fees(loan.pk) == {}


def test_the_database_refuses_a_second_one_for_an_instalment():
    make()
    late(FEE_DAY)
    again = Fee.objects.get()
    again.pk, again.reference, again.assessed_on = None, "another", jan(18)
    with pytest.raises(IntegrityError, match="fees_fee_of_instalment"), transaction.atomic():
        again.save()


@pytest.mark.parametrize("change", [{"amount": "0.00"}, {"instalment": None}, {"fee_type": "annual"}])
def test_the_database_refuses_a_fee_that_cannot_be(change):
    make()
    late(FEE_DAY)
    with pytest.raises(IntegrityError, match="fees_fee_is_possible"), transaction.atomic():
        Fee.objects.update(**change)


def test_missed_nights_caught_up_equal_nights_in_time():
    def assessed(chosen):
        with transaction.atomic():
            for day in chosen:
                late(day)
            found = fees()
            transaction.set_rollback(True)
        return found

    loans = [make(f"L{n}") for n in range(4)]
    pay(loans[0], jan(10), "100.00")
    pay(loans[1], jan(20), "100.00")
    pay(loans[2], jan(3), "100.00")
    take_back(loans[2], date(2024, 2, 3), "100.00")
    pay(loans[2], date(2024, 2, 3), "60.00")
    every_night = assessed(days(jan(2), date(2024, 3, 20)))
    assert len(every_night) == 11
    assert assessed([jan(18), date(2024, 2, 20), date(2024, 3, 20)]) == every_night
    assert assessed([jan(31), date(2024, 2, 25), date(2024, 3, 20)]) == every_night


# --- Never due after all ---------------------------------------------------------------------------------------------


def test_a_payment_that_was_in_time_and_posted_later_takes_the_fee_back():
    loan = make(dues=DUES[:1])
    other = make("L2", dues=DUES[:1])
    late(FEE_DAY)
    pay(loan, jan(16), "100.00")
    booking = Booking(entry_date=jan(20))
    assert reverse_fees_paid_in_time(loan_ids=[loan.pk, other.pk], booking=booking) == 1
    assert (fees(loan), fees(other)) == ([], [(FEE_DAY, FIVE)])
    assert Fee.objects.get(loan=loan).reversed_on == jan(20)
    reference = "late:L1:1:2024-01-17"
    assert movements("fee reversal") == [(FEE_DAY, "fee reversal", -FIVE, reference, jan(20))]
    assert outstanding_fees(loan.pk) == {}
    assert reverse_fees_paid_in_time(loan_ids=[loan.pk], booking=booking) == 0
    assert late(jan(21)).counts == {"fees": 0}


def test_a_payment_after_the_grace_leaves_the_fee():
    loan = make()
    late(FEE_DAY)
    pay(loan, FEE_DAY, "100.00")
    assert reverse_fees_paid_in_time(loan_ids=[loan.pk], booking=Booking(entry_date=jan(20))) == 0


def test_a_reversed_fee_is_due_again_when_that_payment_is_taken_back():
    loan = make(dues=DUES[:1])
    late(FEE_DAY)
    pay(loan, jan(16), "100.00")
    reverse_fees_paid_in_time(loan_ids=[loan.pk], booking=Booking(entry_date=jan(20)))
    take_back(loan, jan(25), "100.00")
    late(jan(26))
    assert fees() == [(jan(26), FIVE)]
    assert outstanding_fees(loan.pk) == {"late:L1:1:2024-01-26": FIVE}


def test_of_a_fee_that_was_waived_in_part_the_rest_is_taken_back():
    loan = make()
    late(FEE_DAY)
    move(loan, "waiver", jan(18), fees=Decimal("-2.00"), reference="late:L1:1:2024-01-17")
    pay(loan, jan(16), "100.00")
    reverse_fees_paid_in_time(loan_ids=[loan.pk], booking=Booking(entry_date=jan(20)))
    assert {row.code: row.balance for row in trial_balance()}["FR"] == 0
    assert outstanding_fees(loan.pk) == {}


# --- Books and nights ------------------------------------------------------------------------------------------------


def test_it_is_booked_on_the_night_as_fee_income():
    make()
    due_at = datetime(2024, 1, 21, 3, tzinfo=UTC)
    late(jan(21), run_id=7, due_at=due_at)
    fee = Fee.objects.get()
    assert fee.due_at == due_at
    balances = {row.code: row.balance for row in trial_balance()}
    assert (balances["FR"], balances["FI"]) == (FIVE, -FIVE)


def test_payments_pay_the_oldest_fees_first():
    loan = make()
    late(date(2024, 2, 20))
    pay(loan, date(2024, 2, 21), "0.00", fees="6.00")
    assert outstanding_fees(loan.pk) == {"late:L1:2:2024-02-17": Decimal("4.00")}


def test_one_bad_loan_of_a_thousand_leaves_999_done():
    for n in range(1000):
        make(f"L{n:03}", dues=DUES[:1], state="" if n == 500 else "CA")
    # By its night autovacuum has done so; the statistics of a schema that had few rows until now cost 99 s once.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    outcome = late(FEE_DAY)
    reason = "its borrower has no state, so that no cap is known: enter it"
    assert outcome.counts == {"fees": 999}
    assert outcome.quarantined == [BadItem(model="loans.Loan", key="L500", reason=reason)]
    Borrower.objects.filter(state="").update(state="NY")
    outcome = late(jan(18))
    assert (outcome.counts, outcome.quarantined) == ({"fees": 1}, [])
    assert Fee.objects.get(loan__number="L500").assessed_on == FEE_DAY


def test_a_rerun_does_just_the_chosen():
    for number in ("a", "b"):
        make(number, dues=DUES[:1])
    outcome = late(FEE_DAY, only=["b", "ghost"])
    assert outcome.counts == {"fees": 1}
    assert [item.key for item in outcome.quarantined] == ["ghost"]
    assert Fee.objects.get().loan.number == "b"


def test_without_loans_a_night_succeeds():
    outcome = late(FEE_DAY)
    assert (outcome.counts, outcome.quarantined) == ({"fees": 0}, [])


def test_an_instalment_that_was_replaced_has_none():
    loan = make(dues=DUES[:1])
    loan.instalment_set.update(superseded_on=jan(1))
    add_instalment(loan, 1, jan(10), "100.00")
    late(jan(26))
    assert fees() == [(jan(26), FIVE)]
