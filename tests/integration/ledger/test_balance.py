"""What the database refuses of a journal, whoever asks."""

import os
from datetime import date
from decimal import Decimal

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from ledger.accounts import Code
from ledger.models import Account, JournalLine
from ledger.selectors import AccountBalance, trial_balance
from ledger.services import Posting, open_entry, post, reserve_entry
from tests.integration.loans.schema import SCHEMA

pytestmark = pytest.mark.usefixtures("books")

DAY = date(2024, 1, 2)
D = Decimal


def line(entry, account, *, debit="0.00", credit="0.00"):
    return JournalLine(entry=entry, account_id=account, debit=D(debit), credit=D(credit))


def booked(amount="10.00", day=DAY):
    entry = open_entry(entry_date=day, kind="test")
    post(entry, Posting(debit="IR", credit="II", amount=D(amount)))
    return entry


def test_a_posting_becomes_a_debit_and_a_credit():
    lines = booked("10.00").lines.order_by("account").values_list("account", "debit", "credit")
    assert list(lines) == [("II", D("0.00"), D("10.00")), ("IR", D("10.00"), D("0.00"))]


def test_a_negative_amount_goes_the_other_way():
    lines = booked("-10.00").lines.order_by("account").values_list("account", "debit", "credit")
    assert list(lines) == [("II", D("10.00"), D("0.00")), ("IR", D("0.00"), D("10.00"))]


def test_nothing_can_be_booked_too():
    assert booked("0.00").lines.count() == 2


def test_one_entry_takes_many_postings():
    entry = open_entry(entry_date=DAY, kind="test")
    post(entry, Posting(debit="CO", credit="LR", amount=D(750)), Posting(debit="COI", credit="IR", amount=D("17.50")))
    assert [(row.code, row.balance) for row in trial_balance()] == [
        ("CO", D("750.00")),
        ("COI", D("17.50")),
        ("IR", D("-17.50")),
        ("LR", D("-750.00")),
    ]


def test_lines_that_do_not_balance_are_refused():
    entry = open_entry(entry_date=DAY, kind="test")
    message = rf"entry {entry.id} has debits of 10\.00 and credits of 9\.99"
    with pytest.raises(IntegrityError, match=message), transaction.atomic():
        JournalLine.objects.bulk_create([line(entry, "IR", debit="10.00"), line(entry, "II", credit="9.99")])
    assert JournalLine.objects.count() == 0


def test_two_entries_that_balance_only_together_are_refused():
    first, second = (open_entry(entry_date=DAY, kind="test") for _ in range(2))
    with pytest.raises(IntegrityError, match="write all lines of an entry in one statement"), transaction.atomic():
        JournalLine.objects.bulk_create([line(first, "IR", debit="10.00"), line(second, "II", credit="10.00")])


def test_a_line_alone_is_refused():
    with pytest.raises(IntegrityError, match="has debits"), transaction.atomic():
        line(booked(), "IR", debit="0.01").save()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_journalline SET debit = debit + 0.01 WHERE debit > 0",
        "UPDATE ledger_journalline SET debit = credit, credit = debit WHERE account_id = 'IR'",
        "DELETE FROM ledger_journalline WHERE account_id = 'IR'",
    ],
)
def test_even_the_owner_cannot_unbalance_an_entry(statement):
    booked()
    with pytest.raises(IntegrityError, match="has debits"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_owner_can_prune_whole_entries():
    booked("1.00")
    kept = booked("2.00")
    JournalLine.objects.exclude(entry=kept).delete()
    assert [row.balance for row in trial_balance()] == [D("-2.00"), D("2.00")]


@pytest.mark.parametrize(("debit", "credit"), [("1.00", "1.00"), ("-1.00", "0.00"), ("0.00", "-1.00")])
def test_a_line_has_one_side_and_no_sign(debit, credit):
    entry = open_entry(entry_date=DAY, kind="test")
    lines = [line(entry, "IR", debit=debit, credit=credit), line(entry, "II", debit=credit, credit=debit)]
    with pytest.raises(IntegrityError, match="ledger_line_has_one_side"), transaction.atomic():
        JournalLine.objects.bulk_create(lines)


def test_a_reserved_entry_is_booked_under_its_id():
    entry_id = reserve_entry()
    assert open_entry(entry_date=DAY, kind="test", entry_id=entry_id).id == entry_id
    assert open_entry(entry_date=DAY, kind="test").id > entry_id


def test_the_trial_balance_counts_through_a_day():
    booked("10.00", date(2024, 1, 2))
    booked("5.00", date(2024, 1, 3))
    assert trial_balance(through=date(2024, 1, 1)) == []
    assert trial_balance(through=date(2024, 1, 2)) == [
        AccountBalance(code="II", name="interest income", debit=D("0.00"), credit=D("10.00")),
        AccountBalance(code="IR", name="interest receivable", debit=D("10.00"), credit=D("0.00")),
    ]
    assert [row.balance for row in trial_balance()] == [D("-15.00"), D("15.00")]


def test_the_chart_holds_the_accounts_that_jobs_name():
    assert dict(Account.objects.values_list("code", "name")) == dict(Code.choices)


@pytest.mark.parametrize("table", ["ledger_journalentry", "ledger_journalline", "loans_accrual", "loans_transaction"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET id = id", "TRUNCATE {} CASCADE"])
def test_the_app_role_cannot_change_history(table, statement):
    with psycopg.connect(os.environ["DATABASE_URL"]) as session:
        session.execute(f"SET search_path = {SCHEMA}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(statement.format(table))
