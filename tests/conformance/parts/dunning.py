"""What gives dunning, promises and plans work in the world's nights; all that counts is paid or not by other parts."""

from datetime import date
from decimal import Decimal

from casework.definitions import StrategyDefinition
from casework.services.plans import make_plan
from casework.services.promises import make_promise
from casework.services.strategies import define_strategy
from loans.models import Borrower
from payments.models import Payment
from payments.services import post_payment
from tests.conformance.poisons import Poison
from tests.conformance.world import DECEMBER

MADE_ON, DUE_ON = date(2023, 12, 20), date(2023, 12, 31)
#: The key of a message names its loan by a number that says nothing here.
OF_MANY = {"outbox.dunning-notice"}
BODY = "{{ amount }} of loan {{ loan }} is {{ days }} days past due. {{ opt_out }}"


def build():
    """Put it into the tenant's schema that the connection is in.

    On the night of the 3rd, one promise is kept, one is kept in part, one is broken; one plan is completed, one broken
    and one expires. Everybody who is past due hears of a step.
    """
    define_strategy(strategy(), defined_on=MADE_ON)
    for number, amount in (("LN-02", "60.00"), ("LN-04", "40.00"), ("LN-06", "50.00"), ("LN-08", "30.00")):
        post_payment(loan_number=number, amount=Decimal(amount), reference=f"{number} promised", booking=DECEMBER)
    for number in ("LN-02", "LN-04", "LN-10"):
        promise(number, "60.00")
    plan("LN-06", [date(2024, 1, 2)])
    plan("LN-08", [date(2023, 12, 31), date(2024, 1, 1)], misses_allowed=2)
    plan("LN-12", [date(2024, 1, 1)])


def strategy():
    """Return a ladder on which some loan takes a step every night."""
    steps = [
        {"name": f"day {day}", "from_day": day, "channel": channel, "subject": "Your loan {{ loan }}", "body": BODY}
        for day, channel in ((1, "email"), (15, "letter"), (16, "email"), (17, "call"), (40, "email"), (89, "letter"))
    ]
    said = {"code": "standard", "sender": "World Lending <service@world.example>", "opt_out": "Reply STOP."}
    return StrategyDefinition.model_validate({**said, "steps": steps})


def promise(number, amount):
    make_promise(
        loan_number=number, amount=Decimal(amount), made_on=MADE_ON, due_on=DUE_ON, tolerance_days=2, made_by="Bea"
    )


def plan(number, days, **options):
    make_plan(
        loan_number=number,
        instalments=[(day, Decimal("50.00")) for day in days],
        made_on=MADE_ON,
        tolerance_days=1,
        **options,
    )


def _pay(number, amount):
    """Let a payment say another amount than the sub-ledger."""
    return lambda _night: Payment.objects.filter(reference=f"{number} promised").update(amount=amount)


def _live_in(state):
    return lambda _night: Borrower.objects.filter(reference="PRO-1").update(state=state)


POISONS = {
    "daily-broken-promise-check": Poison(
        key="LN-02", loan="LN-02", spoil=_pay("LN-02", "61.00"), mend=_pay("LN-02", "60.00")
    ),
    "daily-broken-payment-plan-check": Poison(
        key="LN-08", loan="LN-08", spoil=_pay("LN-08", "31.00"), mend=_pay("LN-08", "30.00")
    ),
    "daily-dunning-execution": Poison(key="PRO-1", loan="PRO-1", spoil=_live_in(""), mend=_live_in("CA")),
}
