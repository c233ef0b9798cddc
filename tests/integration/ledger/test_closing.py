"""A month is closed when it is over, finished and reconciled, and never beside a posting that is on its way."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.management import CommandError
from django.db import connection
from django.db.models import F
from django_tenants.utils import schema_context

from common import books, clock
from common.books import books_transaction
from common.checksum import checksum
from common.exceptions import BooksBusyError
from common.tasks import ScheduleError
from ledger.exceptions import PeriodClosedError, PeriodNotEndedError, PeriodNotReconciledError, PeriodOrderError
from ledger.models import AccountingPeriod, PeriodBalance
from ledger.tasks import update_period_statuses_task
from loans.models import Accrual, Loan
from loans.services.periods import close_month
from schedules.models import Run
from schedules.opening import open_due
from tests.integration.common.calling import elsewhere
from tests.integration.ledger.portfolio import accrue, breaks, make_loan, pay
from tests.integration.schedules.commands import refused, run
from tests.processes import wait_until
from tests.stage import registered

__all__ = ["registered"]

D = Decimal
JANUARY, FEBRUARY = date(2024, 1, 1), date(2024, 2, 1)
LAST = date(2024, 1, 31)


@pytest.fixture
def acme(registered, make_tenant):
    """A tenant with the books of January and the first days of February 2024; it is 5 February."""
    tenant = make_tenant("acme", enabled_at=datetime(2030, 1, 1, tzinfo=UTC))  # Takes part in no night of its own.
    with schema_context("acme"):
        loan = make_loan("L1")
        accrue(LAST)
        pay(loan, day=LAST, principal=D("-500.00"), interest=D("-100.00"))
        accrue(date(2024, 2, 1))
    clock.set_to(datetime(2024, 2, 5, 12, tzinfo=UTC))
    return tenant


def in_books(call):
    with schema_context("acme"):
        return call()


def statuses():
    return in_books(lambda: dict(AccountingPeriod.objects.values_list("starts_on", "status")))


def close(month=JANUARY, **options):
    return close_month(schema_name="acme", month=month, **options)


def post(day):
    """Book a payment as somebody by hand does."""
    with books_transaction("acme"):
        pay(Loan.objects.get(), day=day, principal=D("-1.00"))


class TestClosing:
    def test_both_sides_of_every_account_are_frozen_as_of_the_last_day(self, acme):
        period = close()
        assert (period.starts_on, period.status, period.closed_on) == (JANUARY, "closed", date(2024, 2, 5))
        frozen = in_books(lambda: list(PeriodBalance.objects.order_by("account").values_list("account", "sub_ledger")))
        interest = D("96.77")  # 30 of 31 days of 10,000 at 12 % a year.
        assert frozen == [
            ("CL", D("-9400.00")),
            ("II", -interest),
            ("IR", interest - 100),
            ("LR", D("9500.00")),
        ]

    def test_a_rehearsal_closes_nothing(self, acme):
        before = in_books(checksum)
        assert close(dry_run=True).status == "closed"
        assert in_books(checksum) == before

    def test_the_next_month_is_frozen_on_top_of_it(self, acme):
        close()
        in_books(lambda: accrue(date(2024, 2, 29)))
        clock.set_to(datetime(2024, 3, 1, 12, tzinfo=UTC))
        close(FEBRUARY)
        balance = in_books(lambda: PeriodBalance.objects.get(period__starts_on=FEBRUARY, account="IR"))
        interest = in_books(lambda: sum(row.amount for row in Accrual.objects.all()))
        assert balance.sub_ledger == interest - 100

    def test_a_month_that_is_not_over_is_refused(self, acme):
        with pytest.raises(PeriodNotEndedError):
            close(FEBRUARY)

    def test_months_are_closed_in_their_order(self, acme):
        clock.set_to(datetime(2024, 3, 1, 12, tzinfo=UTC))
        with pytest.raises(PeriodOrderError):
            close(FEBRUARY)

    def test_a_difference_of_a_cent_keeps_it_open(self, acme):
        in_books(lambda: Accrual.objects.filter(accrual_date=LAST).update(amount=F("amount") + D("0.01")))
        with pytest.raises(PeriodNotReconciledError, match="The month 2024-01 does not reconcile: 4 differences"):
            close()
        assert statuses() == {}

    def test_a_difference_after_its_last_day_does_not(self, acme):
        in_books(lambda: Accrual.objects.filter(accrual_date=FEBRUARY).update(amount=F("amount") + D("0.01")))
        assert close().status == "closed"
        assert in_books(lambda: breaks(date(2024, 2, 2))) != []

    def test_what_was_closed_is_not_compared_again(self, acme):
        close()
        in_books(lambda: Accrual.objects.filter(accrual_date__lt=LAST).update(amount=F("amount") + D("0.01")))
        assert in_books(lambda: breaks(date(2024, 2, 1))) == []

    def test_unfinished_books_runs_of_the_month_keep_it_open(self, registered, make_tenant):
        make_tenant("acme", enabled_at=datetime(2024, 6, 1, tzinfo=UTC))
        clock.set_to(datetime(2024, 8, 1, 4, tzinfo=UTC))
        in_books(lambda: make_loan("L1", start=date(2024, 7, 1)))
        with pytest.raises(ScheduleError, match=r"daily-first of 2024-07-01 \(not opened\)"):
            close(date(2024, 7, 1))
        open_due()
        with pytest.raises(ScheduleError, match=r"daily-first of 2024-07-01 \(ready\)"):
            close(date(2024, 7, 1))
        Run.objects.filter(window__business_date__lt=date(2024, 8, 1)).update(state="skipped", reason="test")
        assert close(date(2024, 7, 1)).status == "closed"


class TestPostingsOnTheirWay:
    def test_a_posting_on_its_way_is_waited_for_and_counted(self, acme):
        with books_transaction("acme"):
            pay(Loan.objects.get(), day=LAST, principal=D("-1.00"))
            closing = in_a_thread(close)
            wait_until(waits_for_the_books, what="the closing to wait")
        closing.join()
        assert statuses()[JANUARY] == "closed"
        assert in_books(lambda: PeriodBalance.objects.get(account="LR").sub_ledger) == D("9499.00")

    def test_a_posting_that_comes_while_it_is_closed_is_refused(self, acme):
        errors = []
        with books_transaction("acme"):
            posting = in_a_thread(post, LAST, errors=errors)
            wait_until(waits_for_the_books, what="the posting to wait")
            AccountingPeriod.objects.create(starts_on=JANUARY, status="closed", closed_on=date(2024, 2, 5))
        posting.join()
        assert [type(error) for error in errors] == [PeriodClosedError]

    def test_a_closing_that_would_wait_for_long_is_refused(self, acme, monkeypatch):
        monkeypatch.setattr(books, "WAIT_S", 0.1)
        errors = []
        with books_transaction("acme"):
            in_a_thread(close, errors=errors).join()
        assert [type(error) for error in errors] == [BooksBusyError]
        assert statuses() == {}

    def test_nothing_can_be_posted_into_it_afterwards(self, acme):
        close()
        with pytest.raises(PeriodClosedError, match="closed through the month of 2024-01"):
            post(LAST)
        post(FEBRUARY)


class TestTask:
    def test_it_opens_and_ends_months_by_the_business_date(self, acme):
        assert update_period_statuses_task("acme", business_date="2024-02-01") == {"opened": 2, "ended": 1}
        assert update_period_statuses_task("acme") == {"opened": 0, "ended": 0}
        assert statuses() == {JANUARY: "ended", FEBRUARY: "open"}


class TestCommands:
    def test_a_month_is_closed_in_one_line(self, acme):
        words = ("close_period", "2024-01", "--tenant", "acme")
        assert run(*words, "--dry-run") == (
            "Rehearsed only, nothing is kept: the books of acme are closed through 2024-01.\n"
        )
        assert run(*words) == "the books of acme are closed through 2024-01.\n"
        assert refused(*words) == "The month 2024-01 was closed on 2024-02-05; there is nothing to do."

    @pytest.mark.parametrize(
        ("words", "why"),
        [
            (["2024-02", "--tenant", "acme"], "The month 2024-02 has not ended on 2024-02-05"),
            (["2024-01", "--tenant", "ghost"], "There is no tenant 'ghost'"),
        ],
    )
    def test_a_refusal_is_one_line(self, acme, words, why):
        assert refused("close_period", *words).startswith(why)

    def test_a_month_that_is_none_is_refused(self, acme):
        with pytest.raises(CommandError, match="'January' is not a month like 2024-02"):
            run("close_period", "January", "--tenant", "acme")

    def test_the_trial_balance_is_a_table_with_its_sums(self, acme):
        lines = [
            line.split() for line in run("trial_balance", "--tenant", "acme", "--through", "2024-01-31").splitlines()
        ]
        cells = [[cell for cell in line if cell not in "│┃"] for line in lines]
        assert ["LR", "loans", "receivable", "10,000.00", "500.00", "9,500.00"] in cells
        assert ["10,696.77", "10,696.77", "0.00"] in cells

    def test_a_suspended_tenants_trial_balance_is_refused(self, acme):
        assert refused("trial_balance", "--tenant", "ghost").startswith("There is no tenant 'ghost'")


def in_a_thread(call, *args, errors=None):
    def work():
        try:
            call(*args)
        except Exception as error:
            if errors is None:
                raise
            errors.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def waits_for_the_books():
    """Whether somebody waits; asked elsewhere, for a transaction goes on seeing what it saw first."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory'"
    return elsewhere(waiting) == [(1,)]
