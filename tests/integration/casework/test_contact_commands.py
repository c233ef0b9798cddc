"""What operators type about contacts: one line for each refusal, and a rehearsal that keeps nothing."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import schema_context

from casework.models import ContactAttempt, ContactPreference, PaymentPlan, PlanInstalment, Promise, StepVersion
from common import clock
from tests.integration.casework.dunned import make_loan

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "dunning.toml"


@pytest.fixture(autouse=True)
def acme(make_tenant):
    """A tenant with one loan, on 10 June 2024."""
    clock.set_to(datetime(2024, 6, 10, 12, tzinfo=UTC))
    make_tenant("acme")
    with schema_context("acme"):
        make_loan()


def typed(*words):
    """Type a command for the tenant; return what it says."""
    said = StringIO()
    call_command(*words, "--tenant", "acme", stdout=said)
    return said.getvalue().strip()


def kept(model, *fields):
    with schema_context("acme"):
        return [tuple(map(str, row)) for row in model.objects.order_by("id").values_list(*fields)]


def test_a_promise_is_kept_on_record_and_withdrawn():
    promise = ("promise", "L1", "--by", "2024-06-20")
    assert typed(*promise, "--amount", "50.00", "--tolerance", "3") == "L1 promises 50.00 by 2024-06-20."
    assert typed(*promise, "--withdraw") == "L1 withdraws its promise by 2024-06-20."
    assert kept(Promise, "amount", "made_on", "tolerance_days", "status") == [("50.00", "2024-06-10", "3", "withdrawn")]


def test_a_plan_is_agreed_on_by_months_or_days_and_withdrawn():
    plan = ("payment_plan", "L1", "--amount", "50.00", "--first", "2024-06-30", "--count", "3")
    assert typed(*plan) == "L1 pays 3 x 50.00 from 2024-06-30 on."
    assert kept(PlanInstalment, "due_on") == [("2024-06-30",), ("2024-07-30",), ("2024-08-30",)]
    assert typed("payment_plan", "L1", "--withdraw") == "L1 withdraws its plan."
    typed(*plan, "--days", "14", "--misses", "1")
    assert kept(PlanInstalment, "due_on")[3:] == [("2024-06-30",), ("2024-07-14",), ("2024-07-28",)]
    assert kept(PaymentPlan, "status", "misses_allowed") == [("withdrawn", "0"), ("running", "1")]


def test_the_example_is_a_strategy():
    define = ("define_strategy", str(EXAMPLE))
    assert typed(*define) == "strategy standard has 3 steps, 3 of them new, changed or ended."
    assert typed(*define) == "strategy standard has 3 steps, 0 of them new, changed or ended."
    assert kept(StepVersion, "step__name", "defined_on") == [
        ("reminder", "2024-06-10"),
        ("call", "2024-06-10"),
        ("letter", "2024-06-10"),
    ]


def test_an_opt_out_begins_and_ends():
    said = ("contact_preference", "L1", "opt-out", "--channel", "email")
    assert typed(*said, "--from", "2024-06-10") == "opt-out email is on record for the borrower of L1 from 2024-06-10."
    assert typed(*said, "--until", "2024-06-12").endswith("until 2024-06-12.")
    assert kept(ContactPreference, "channel", "starts_on", "ends_on") == [("email", "2024-06-10", "2024-06-12")]


def test_a_call_is_logged():
    assert typed("log_contact", "L1", "call", "--reached") == "call on 2024-06-10 for L1, with a conversation."
    assert kept(ContactAttempt, "channel", "made_on", "reached") == [("call", "2024-06-10", "True")]


@pytest.mark.parametrize(
    ("words", "model"),
    [
        (("promise", "L1", "--by", "2024-06-20", "--amount", "5"), Promise),
        (("payment_plan", "L1", "--amount", "5", "--first", "2024-06-20"), PaymentPlan),
        (("define_strategy", str(EXAMPLE)), StepVersion),
        (("contact_preference", "L1", "attorney", "--from", "2024-06-20"), ContactPreference),
        (("log_contact", "L1", "call"), ContactAttempt),
    ],
    ids=lambda words: words[0] if isinstance(words, tuple) else "",
)
def test_a_rehearsal_keeps_nothing(words, model):
    assert typed(*words, "--dry-run").startswith("Rehearsed only, nothing is kept: ")
    assert kept(model, "id") == []


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (("promise", "L1", "--by", "2024-06-20"), "Give --amount for a new promise, or --withdraw"),
        (("promise", "L9", "--by", "2024-06-20", "--amount", "5"), "There is no loan L9"),
        (("promise", "L1", "--by", "2024-06-20", "--withdraw"), "Loan L1 has no open promise by 2024-06-20"),
        (("payment_plan", "L1", "--amount", "5"), "Give --amount and --first for a new plan"),
        (("payment_plan", "L1", "--withdraw"), "Loan L1 has no payment plan that runs"),
        (("define_strategy", "/nowhere.toml"), "Strategy nowhere.toml is not defined: .*No such file"),
        (("contact_preference", "L1", "opt-out"), "Give --from for what the borrower says"),
        (("contact_preference", "L1", "opt-out", "--from", "2024-06-10"), "opt-out is about one channel: name it"),
        (("contact_preference", "L1", "attorney", "--until", "2024-06-10"), "no attorney .*began by 2024-06-10"),
        (("log_contact", "L1", "call", "--on", "2024-06-11"), "that day is still to come"),
        (("log_contact", "L9", "call"), "There is no loan L9"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(words, refusal):
    with pytest.raises(CommandError, match=refusal) as refused:
        typed(*words)
    assert "\n" not in str(refused.value)


def test_the_same_said_twice_is_refused():
    said = ("contact_preference", "L1", "cease-contact", "--from", "2024-06-10")
    typed(*said)
    with pytest.raises(CommandError, match="cease-contact is on record; end that first"):
        typed(*said)
