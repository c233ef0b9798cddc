"""Months open, end and are closed for good: then nobody can date an entry in them, not even with SQL."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from ledger.exceptions import (
    NoSuchPeriodError,
    PeriodAlreadyClosedError,
    PeriodClosedError,
    PeriodNotEndedError,
    PeriodOrderError,
)
from ledger.models import AccountingPeriod, JournalEntry, PeriodBalance
from ledger.selectors import AccountBalance, last_closed, trial_balance
from ledger.services import (
    FrozenBalance,
    Posting,
    close_period,
    open_entry,
    post,
    refuse_closed,
    update_period_statuses,
)

pytestmark = pytest.mark.usefixtures("books")

D = Decimal
JANUARY, FEBRUARY, MARCH = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)


def book(day, amount="10.00"):
    entry = open_entry(entry_date=day, kind="test")
    post(entry, Posting(debit="IR", credit="II", amount=D(amount)))
    return entry


def statuses():
    return list(AccountingPeriod.objects.order_by("starts_on").values_list("starts_on", "status"))


def balances():
    return [
        FrozenBalance(account=row.code, debit=row.debit, credit=row.credit, sub_ledger=row.balance)
        for row in trial_balance()
    ]


def close(month, business_date=date(2024, 3, 5)):
    return close_period(month=month, business_date=business_date, balances=balances())


@pytest.fixture
def two_months():
    """Entries in January, and the statuses of 5 March."""
    book(date(2024, 1, 31))
    update_period_statuses(business_date=date(2024, 3, 5))


class TestStatuses:
    def test_months_are_opened_from_the_first_entry_up_to_the_business_date(self):
        book(date(2023, 12, 31))
        assert update_period_statuses(business_date=date(2024, 1, 31)).counts == {"opened": 2, "ended": 1}
        assert statuses() == [(date(2023, 12, 1), "ended"), (JANUARY, "open")]

    def test_without_entries_the_present_month_is_opened(self):
        assert update_period_statuses(business_date=date(2024, 2, 29)).counts == {"opened": 1, "ended": 0}
        assert statuses() == [(FEBRUARY, "open")]

    @pytest.mark.parametrize(
        ("business_date", "status"), [(date(2024, 2, 29), "open"), (date(2024, 3, 1), "ended")], ids=str
    )
    def test_a_month_has_ended_when_its_last_day_is_over(self, business_date, status):
        book(FEBRUARY)
        update_period_statuses(business_date=business_date)
        assert statuses()[0] == (FEBRUARY, status)

    def test_repeated_it_changes_nothing(self, two_months):
        before = statuses()
        assert update_period_statuses(business_date=date(2024, 3, 5)).counts == {"opened": 0, "ended": 0}
        assert update_period_statuses(business_date=date(2024, 1, 5)).counts == {"opened": 0, "ended": 0}
        assert statuses() == before

    def test_every_month_between_is_opened_after_a_long_silence(self):
        book(JANUARY)
        assert update_period_statuses(business_date=date(2025, 1, 1)).counts == {"opened": 13, "ended": 12}

    def test_a_closed_month_stays_closed(self, two_months):
        close(JANUARY)
        update_period_statuses(business_date=date(2024, 3, 6))
        assert statuses() == [(JANUARY, "closed"), (FEBRUARY, "ended"), (MARCH, "open")]


class TestClosing:
    def test_a_closed_month_keeps_its_balances(self, two_months):
        period = close(JANUARY)
        assert (period.status, period.closed_on) == ("closed", date(2024, 3, 5))
        kept = period.balances.order_by("account").values_list("account", "debit", "credit", "sub_ledger")
        assert list(kept) == [("II", D(0), D(10), D(-10)), ("IR", D(10), D(0), D(10))]

    @pytest.mark.parametrize(
        ("month", "error", "message"),
        [
            (MARCH, PeriodNotEndedError, "The month 2024-03 has not ended on 2024-03-05"),
            (date(2024, 4, 1), PeriodNotEndedError, "The month 2024-04 has not ended on 2024-03-05"),
            (date(2023, 12, 1), NoSuchPeriodError, "There are no books of 2023-12"),
            (FEBRUARY, PeriodOrderError, "The month 2024-02 cannot be closed before 2024-01"),
        ],
        ids=str,
    )
    def test_only_the_oldest_open_month_that_is_over_can_be_closed(self, two_months, month, error, message):
        with pytest.raises(error, match=message):
            close(month)
        assert PeriodBalance.objects.count() == 0

    def test_a_month_is_closed_once(self, two_months):
        close(JANUARY)
        with pytest.raises(PeriodAlreadyClosedError, match="The month 2024-01 was closed on 2024-03-05"):
            close(JANUARY)

    def test_balances_whose_two_sides_differ_are_refused(self, two_months):
        wrong = FrozenBalance(account="IR", debit=D("10.00"), credit=D("0.00"), sub_ledger=D("10.01"))
        with pytest.raises(IntegrityError, match="ledger_periodbalance_is_reconciled"), transaction.atomic():
            close_period(month=JANUARY, business_date=date(2024, 3, 5), balances=[wrong])
        assert statuses()[0] == (JANUARY, "ended")


class TestClosedMonths:
    @pytest.mark.parametrize("day", [date(2024, 1, 31), date(2024, 1, 1), date(2023, 12, 31)], ids=str)
    def test_an_entry_in_one_or_before_it_is_refused(self, two_months, day):
        close(JANUARY)
        with pytest.raises(PeriodClosedError, match="The books are closed through the month of 2024-01"):
            refuse_closed(day)
        with pytest.raises(IntegrityError, match="the books are closed through 2024-01"), transaction.atomic():
            open_entry(entry_date=day, kind="test")

    def test_an_entry_after_it_is_taken(self, two_months):
        close(JANUARY)
        refuse_closed(FEBRUARY)
        book(FEBRUARY)

    def test_one_late_entry_among_many_is_enough(self, two_months):
        close(JANUARY)
        entries = [JournalEntry(entry_date=day, kind="test") for day in (FEBRUARY, MARCH, date(2024, 1, 31))]
        with pytest.raises(IntegrityError, match="the books are closed"), transaction.atomic():
            JournalEntry.objects.bulk_create(entries)

    @pytest.mark.parametrize(("origin", "target"), [("2024-01-31", "2024-02-01"), ("2024-02-01", "2024-01-31")])
    def test_even_the_owner_cannot_move_an_entry_out_of_one_or_into_it(self, two_months, origin, target):
        book(FEBRUARY)
        close(JANUARY)
        moved = JournalEntry.objects.filter(entry_date=origin)
        with pytest.raises(IntegrityError, match="the books are closed"), transaction.atomic():
            moved.update(entry_date=target)

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE ledger_accountingperiod SET status = 'ended', closed_on = NULL WHERE status = 'closed'",
            "UPDATE ledger_accountingperiod SET starts_on = '2023-01-01' WHERE status = 'closed'",
            "DELETE FROM ledger_accountingperiod WHERE status = 'closed'",
        ],
    )
    def test_even_the_owner_cannot_reopen_one(self, two_months, statement):
        close(JANUARY)
        PeriodBalance.objects.all().delete()
        refused = pytest.raises(IntegrityError, match="the books of 2024-01 are closed for good")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_nothing_is_refused_while_none_is_closed(self, two_months):
        refuse_closed(date(1999, 1, 1))
        book(date(1999, 1, 1))


class TestCarryingForward:
    def test_the_trial_balance_is_the_same_before_and_after_closing(self, two_months):
        book(FEBRUARY, "5.00")
        days = [date(2023, 12, 31), date(2024, 1, 30), date(2024, 1, 31), date(2024, 2, 1), None]
        before = [trial_balance(through=day) for day in days]
        close_through_january()
        assert [trial_balance(through=day) for day in days] == before
        assert before[-1] == [
            AccountBalance(code="II", name="interest income", debit=D("0.00"), credit=D("15.00")),
            AccountBalance(code="IR", name="interest receivable", debit=D("15.00"), credit=D("0.00")),
        ]

    def test_what_was_frozen_is_not_added_up_again(self, two_months):
        close_through_january()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ledger_journalline SET debit = debit * 2, credit = credit * 2")
        assert [row.balance for row in trial_balance(through=date(2024, 1, 31))] == [D("-10.00"), D("10.00")]

    def test_the_latest_closed_month_counts(self, two_months):
        close_through_january()
        close(FEBRUARY)
        assert last_closed().starts_on == FEBRUARY
        assert last_closed(through=date(2024, 2, 29)).starts_on == FEBRUARY
        assert last_closed(through=date(2024, 2, 28)).starts_on == JANUARY
        assert last_closed(through=date(2024, 1, 30)) is None


def close_through_january():
    """Close January with what was booked through its last day."""
    frozen = [
        FrozenBalance(account=row.code, debit=row.debit, credit=row.credit, sub_ledger=row.balance)
        for row in trial_balance(through=date(2024, 1, 31))
    ]
    close_period(month=JANUARY, business_date=date(2024, 3, 5), balances=frozen)
