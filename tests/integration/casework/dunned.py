"""Loans that fall behind and a strategy that tells their borrowers, and what the nights then write."""

from datetime import date
from pathlib import Path

from casework.definitions import StrategyDefinition
from casework.models import Notice
from casework.services.dunning import execute_dunning
from casework.services.strategies import define_strategy
from delinquency.services import run_engine
from loans.identity import Identity
from tests.integration.delinquency.behind import make_loan as make_late_loan

DEFINED = date(2023, 9, 1)
EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "dunning.toml"

SAYS = "Dear {{ first_name }} {{ surname }}, {{ amount }} of loan {{ loan }} is {{ days }} days late. {{ opt_out }}"


def step(name, from_day, to_day=None, **said):
    return {
        "name": name,
        "from_day": from_day,
        "to_day": to_day,
        "channel": "email",
        "subject": "Your loan {{ loan }}",
        "body": SAYS,
        **said,
    }


LADDER = (step("first", 3, 9), step("second", 10, 29), step("third", 30))


def define(*steps, on=DEFINED, code="standard", **said):
    """Let a strategy have these steps, or those of the 3rd, 10th and 30th day past due."""
    definition = {
        "code": code,
        "sender": "Acme Loans <service@acme.example>",
        "opt_out": "Reply STOP to opt out.",
        "steps": list(steps or LADDER),
        **said,
    }
    return define_strategy(StrategyDefinition.model_validate(definition), defined_on=on)


def make_loan(number="L1", dues=("2023-10-01", "2024-06-01"), **options):
    """Put a loan into the books whose borrower has a name and a mailbox; its last due date is far away."""
    loan = make_late_loan(number, dues, **options)
    loan.borrower.identity = Identity(first_name="Ann", surname="Example", email=f"{number.lower()}@mail.example")
    loan.borrower.save()
    return loan


def night(day, **options):
    """Run the engine and dunning of a night."""
    run_engine(business_date=day)
    return execute_dunning(business_date=day, **options)


def october(day):
    return date(2023, 10, day)


def notices(loan=None):
    """Return (step, cycle, night) of every notice, in order."""
    rows = Notice.objects.filter(**({"loan": loan} if loan else {})).order_by("decided_on", "loan_id")
    return list(rows.values_list("step__name", "cycle", "decided_on"))
