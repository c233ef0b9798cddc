"""How statements leave: to those who agreed to it by e-mail, as PDF, and to all others on paper."""

from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from django.core.mail import EmailMessage
from django.db.models import Q
from django_tenants.utils import schema_context

from common import clock
from common.tasks import Message, deliverer, write_all_outbox
from loans.models import Loan
from statements.models import Delivery, ElectronicConsent, Statement
from statements.services.documents import addressed_pdf, statement_of, tenant_name
from tenants.selectors import current_schema

KIND = "statement"
_BODY = """Your statement of loan {number} through {period_end} is attached.

{sender}
"""


def send_off(statements: Mapping[str, Statement], *, business_date: date) -> None:
    """Let new statements leave: through the outbox where e-mail is agreed on that day; paper is a row at once.

    A night states a million loans, and a message costs a transaction of its own: only what the outbox must send is one.

    Args:
        statements: by the number of their loans.
        business_date: the date of issue.
    """
    mailed = _agreed(statements, business_date)
    Delivery.objects.bulk_create(
        (
            Delivery(statement=statement, channel=Delivery.Channel.PAPER, delivered_on=business_date)
            for number, statement in statements.items()
            if number not in mailed
        ),
        batch_size=5000,
    )
    write_all_outbox(KIND, [_message(number, statements[number].period_end) for number in sorted(mailed)])


def _agreed(statements: Mapping[str, Statement], day: date) -> set[str]:
    """Return the numbers of the loans whose borrowers have agreed to e-mail by a day."""
    in_force = ElectronicConsent.objects.filter(given_on__lte=day).filter(
        Q(withdrawn_on=None) | Q(withdrawn_on__gt=day)
    )
    borrowers = in_force.values("borrower")
    agreed = Loan.objects.filter(borrower__in=borrowers).values_list("number", flat=True)
    return statements.keys() & set(agreed)


def _message(number: str, period_end: date) -> Message:
    payload = {"tenant": current_schema(), "loan": number, "period_end": period_end.isoformat()}
    return Message(key=f"{number} {period_end}", payload=payload)


@deliverer(KIND)
def deliver(key: str, payload: Mapping[str, Any]) -> None:
    """Let one statement leave; called by the outbox's relay, again and again until it ends well.

    Who gets it, and where, is read now: the night did not write it down. Who has withdrawn since gets paper.

    Args:
        key: the message's.
        payload: the tenant, the loan's number and the period's end.

    Raises:
        StatementFileMissingError, StatementFileChangedError: as `statements.archives.read`.
    """
    with schema_context(payload["tenant"]):
        statement = statement_of(payload["loan"], date.fromisoformat(payload["period_end"]))
        if Delivery.objects.filter(statement=statement).exists():
            return
        email = _agreed_address(statement)
        if email:
            _mail(statement, key=f"{payload['tenant']} {key}", to=email)
        channel = Delivery.Channel.EMAIL if email else Delivery.Channel.PAPER
        Delivery.objects.create(statement=statement, channel=channel, delivered_on=clock.today())


def _agreed_address(statement: Statement) -> str:
    """Return the borrower's e-mail address if documents may go there, else nothing."""
    borrower = statement.loan.borrower
    agreed = ElectronicConsent.objects.filter(borrower=borrower, withdrawn_on=None).exists()
    return borrower.identity.email if agreed else ""


def _mail(statement: Statement, *, key: str, to: str) -> None:
    """Send it; a message that is sent again bears the same id, by which mail programs know it."""
    number, period_end, sender = statement.loan.number, statement.period_end, tenant_name()
    message = EmailMessage(
        subject=f"Your statement through {period_end:%m/%d/%Y}",
        body=_BODY.format(number=number, period_end=f"{period_end:%m/%d/%Y}", sender=sender),
        to=[to],
        headers={"Message-ID": f"<{sha256(key.encode()).hexdigest()[:32]}@statements.matins>"},
    )
    message.attach(f"statement-{period_end}.pdf", addressed_pdf(statement), "application/pdf")
    message.send()
