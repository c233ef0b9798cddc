"""What operators type: one line for each refusal, and a rehearsal that keeps nothing."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from common import clock
from common.tenancy import tenant_transaction
from ledger.models import JournalEntry
from loans.models import Transaction
from loans.services import accrue_interest
from payments.models import Payment
from tests.integration.payments.money import assess_fee, lend


@pytest.fixture
def acme(make_tenant):
    """A tenant with a loan and a fee, on 1 February after its night."""
    make_tenant("acme")
    clock.set_to(datetime(2024, 2, 1, 12, tzinfo=UTC))
    with tenant_transaction("acme"):
        assess_fee(lend(), "5.00", clock.today(), reference="F1")
        accrue_interest(business_date=clock.today())


def run(*command, **options):
    out = StringIO()
    call_command(*command, "--tenant", "acme", stdout=out, **options)
    return out.getvalue().strip()


def count(model):
    with tenant_transaction("acme"):
        return model.objects.count()


def test_a_payment_is_posted_once_and_taken_back(acme):
    posted = "payment R1 of 17.01 on loan L1 counts from 2024-02-01."
    assert run("post_payment", "L1", "17.01", "--reference", "R1") == posted
    assert run("post_payment", "L1", "17.01", "--reference", "R1") == posted
    assert count(Payment) == 1
    taken_back = "payment R1 of 17.01 is taken back as of 2024-02-01."
    assert run("reverse_payment", "R1", "--reason", "R01") == taken_back


def test_a_payment_may_be_backdated(acme):
    run("post_payment", "L1", "17.01", "--reference", "R1", "--effective", "2024-01-15")
    with tenant_transaction("acme"):
        assert str(Transaction.objects.get(kind="payment").effective_date) == "2024-01-15"


def test_a_payoff_is_quoted(acme):
    assert run("payoff_quote", "L1") == (
        "105.58 pays loan L1 off on 2024-02-01: principal 100.00, interest 0.58, fees 5.00."
    )
    assert run("payoff_quote", "L1", "--on", "2024-03-01").startswith("106.16 pays loan L1 off on 2024-03-01")


def test_a_fee_and_interest_are_waived(acme):
    assert run("waive_fee", "F1", "--reason", "goodwill", "--amount", "2.00") == "2.00 of fee F1 on loan L1 is waived."
    assert run("waive_fee", "F1", "--reason", "goodwill") == "3.00 of fee F1 on loan L1 is waived."
    assert run("waive_interest", "L1", "0.50", "--reason", "goodwill") == "0.50 of interest on loan L1 is waived."


@pytest.mark.parametrize(
    "command",
    [
        ("post_payment", "L1", "17.01", "--reference", "R1"),
        ("waive_fee", "F1", "--reason", "goodwill"),
        ("waive_interest", "L1", "0.50", "--reason", "goodwill"),
    ],
)
def test_a_rehearsal_keeps_nothing(acme, command):
    before = count(JournalEntry)
    assert run(*command, "--dry-run").startswith("Rehearsed only, nothing is kept: ")
    assert (count(JournalEntry), count(Payment)) == (before, 0)


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (("post_payment", "L9", "1.00", "--reference", "R1"), "There is no loan L9"),
        (("post_payment", "L1", "-1.00", "--reference", "R1"), "-1.00 is not an amount to pay"),
        (("post_payment", "L1", "ten", "--reference", "R1"), "'ten' is not an amount like 17.01"),
        (("post_payment", "L1", "1.00", "--reference", "R1", "--currency", "EUR"), "the payment is in EUR"),
        (("post_payment", "L1", "1.00", "--reference", "R1", "--effective", "2024-02-02"), "nothing is posted ahead"),
        (("reverse_payment", "ghost", "--reason", "R01"), "There is no payment ghost"),
        (("payoff_quote", "L1", "--on", "2024-01-31"), "payoffs are quoted ahead"),
        (("waive_fee", "ghost", "--reason", "x"), "There is no fee ghost"),
    ],
)
def test_a_refusal_is_one_line(acme, command, refusal):
    with pytest.raises(CommandError, match=refusal) as refused:
        run(*command)
    assert "\n" not in str(refused.value)
    assert count(Payment) == 0
