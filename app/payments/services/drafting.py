"""Drafts leave: those of one night under one key, through the outbox; nothing leaves inside the night's transaction."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from django_tenants.utils import schema_context

from common import clock
from common.exceptions import SealBrokenError
from common.outcomes import BadItem
from common.tasks import deliverer, write_outbox
from loans.scope import Scope
from loans.selectors import Balances, balances
from loans.services.booking import Booking
from loans.services.chosen import bad_loan
from payments.accounts import opened_number
from payments.ach.return_codes import CATALOGUE, RETRY_PERIOD, Remedy, may_retry
from payments.calendar import add_banking_days, banking_day_before, dues_originated_on
from payments.exceptions import NobodyCollectsError
from payments.models import Attempt, Company
from payments.processors import processor_for
from payments.processors.exceptions import BadDebitError
from payments.processors.port import AccountType, Debit, Originator, PaymentProcessor
from payments.processors.port import Submission as Debits
from payments.selectors.drafts import Candidate, Retry, candidates, failures_in_a_row, returned, unanswered
from payments.services.effects import interest_through
from payments.services.gates import Decision, decide
from tenants.selectors import current_schema

KIND = "ach-debits"
#: A retry settles so many banking days after the return, when the account may have been filled.
RETRY_AFTER = 3
#: A draft that was not returned by then is paid, but for what its owner denies (settled rule 17).
SETTLED_AFTER = 2
SHORT_OF_MONEY = [code for code, reason in CATALOGUE.items() if reason.remedy is Remedy.RETRY]
INDIVIDUAL_ID_LENGTH = 15


def processor(tenant: str) -> PaymentProcessor | None:
    """Return who collects for a tenant; None while the tenant has no company that may."""
    company = Company.objects.first()
    return None if company is None else processor_for(tenant=tenant, originator=_originator(company))


def _originator(company: Company) -> Originator:
    return Originator(
        company_name=company.company_name,
        company_id=company.company_id,
        bank_routing=company.bank_routing,
        bank_name=company.bank_name,
    )


def originate(scope: Scope, *, processor: PaymentProcessor, booking: Booking) -> tuple[list[Attempt], list[BadItem]]:
    """Decide about all that is due by the next banking day, and send what is asked for (settled rule 17).

    Returns:
        What was decided, and the loans whose bank data cannot be sent: their due dates wait to be corrected.
    """
    window = dues_originated_on(booking.entry_date)
    if window is None:
        return [], []
    _, settles_on = window
    retries = {(one.autopay_id, one.due_date): one for one in _retries(settles_on)}
    asked = candidates(booking.entry_date, settles_on, list(retries.values()), scope)
    decisions = _decisions(asked, retries, settles_on, booking)
    attempts, bad = list[Attempt](), list[BadItem]()
    for one, decision in zip(asked, decisions, strict=True):
        if reason := _refusal(one, decision, settles_on, processor):
            bad.append(bad_loan(one.number, reason))
        else:
            attempts.append(_attempt(one, decision, settles_on, booking))
    _send(attempts, booking)
    return attempts, bad


def _retries(settles_on: date) -> Iterator[Retry]:
    """Yield the drafts that came back for want of money, may be sent again, and whose time has come."""
    for one in returned(SHORT_OF_MONEY, since=settles_on - RETRY_PERIOD):
        allowed = may_retry(
            one.code,
            attempts=one.attempt_no - 1,
            original_settlement=one.original_settlement,
            on=settles_on,
        )
        if allowed and add_banking_days(one.returned_on, RETRY_AFTER) <= settles_on:
            yield one


def _decisions(
    asked: Sequence[Candidate], retries: Mapping[tuple[int, date], Retry], settles_on: date, booking: Booking
) -> list[Decision]:
    """Decide about each candidate."""
    covered = {one.borrower_id for one in asked if one.covered}
    settled_by = _banking_days_before(booking.entry_date, SETTLED_AFTER)
    failures = failures_in_a_row(list(covered), SHORT_OF_MONEY, settled_by)
    payoffs = _payoffs(asked, settles_on, booking)
    return [
        decide(
            one,
            retried=retries[one.autopay_id, one.due_date].amount if one.attempt_no > 1 else None,
            failures=failures,
            payoff=payoffs.get(one.loan_id),
        )
        for one in asked
    ]


def _payoffs(asked: Sequence[Candidate], settles_on: date, booking: Booking) -> dict[int, Balances]:
    """Return what the loans near their end will owe on the day a draft settles."""
    now = balances(booking.entry_date, [one.loan_id for one in asked])
    near = {one.loan_id for one in asked if one.is_last or unanswered(one) > now[one.loan_id].principal}
    with interest_through(settles_on, list(near)):
        return balances(settles_on, list(near)) if near else {}


def _banking_days_before(day: date, count: int) -> date:
    for _ in range(count):
        day = banking_day_before(day)
    return day


def _refusal(one: Candidate, decision: Decision, settles_on: date, processor: PaymentProcessor) -> str:
    """Return why the draft cannot be written, empty if it can."""
    if decision.skipped:
        return ""
    try:
        processor.check(_debit(one, decision.amount, settles_on))
    except (BadDebitError, SealBrokenError) as error:
        return str(error)
    return ""


def _debit(one: Candidate, amount: Decimal, settles_on: date) -> Debit:
    return Debit(
        number=1,
        individual_id=one.number[-INDIVIDUAL_ID_LENGTH:],
        name=one.holder,
        routing_number=one.routing_number,
        account_number=opened_number(one.sealed_account_number),
        account_type=AccountType(one.account_type),
        amount=amount,
        effective_on=settles_on,
    )


def _attempt(one: Candidate, decision: Decision, settles_on: date, booking: Booking) -> Attempt:
    return Attempt(
        autopay_id=one.autopay_id,
        due_date=one.due_date,
        attempt_no=one.attempt_no,
        decided_on=booking.entry_date,
        skipped=decision.skipped,
        amount=decision.amount,
        effective_on=settles_on,
        account_id=one.account_id,
        due_at=booking.due_at,
    )


def _send(attempts: Sequence[Attempt], booking: Booking) -> None:
    """Keep what was decided, and write the message that lets the drafts leave after the commit."""
    sent = [attempt for attempt in attempts if not attempt.skipped]
    if sent:
        key, ordinal = _new_key(booking.entry_date)
        for attempt in sent:
            attempt.submission = key
        write_outbox(kind=KIND, key=key, payload={"tenant": current_schema(), "ordinal": ordinal})
    Attempt.objects.bulk_create(attempts)


def _new_key(day: date) -> tuple[str, int]:
    """Return the key of the next submission of a business date, and how many there were: reruns send what was left."""
    keys = ((f"autopay-{day}-{ordinal}", ordinal) for ordinal in count())
    return next((key, ordinal) for key, ordinal in keys if not Attempt.objects.filter(submission=key).exists())


@deliverer(KIND)
def deliver(key: str, payload: Mapping[str, Any]) -> None:
    """Send the drafts of one submission; called by the outbox's relay, again and again until it ends well.

    Whether an earlier try arrived is asked first, so that nothing is sent twice whatever became of it.

    Args:
        key: the submission's.
        payload: the tenant, and which of the day's submissions it is.

    Raises:
        NobodyCollectsError: the tenant's company is gone.
        UnknownOutcomeError: ask again later.
    """
    with schema_context(payload["tenant"]):
        collecting = processor(payload["tenant"])
        if collecting is None:
            raise NobodyCollectsError(payload["tenant"], key)
        if collecting.status(key) is not None:
            return
        debits = [_as_sent(attempt) for attempt in _attempts(key)]
        submission = Debits(key=key, created_at=clock.now(), debits=debits, ordinal=payload["ordinal"])
        collecting.submit(submission)


def _attempts(key: str) -> list[Attempt]:
    sent = Attempt.objects.filter(submission=key).order_by("id")
    return list(sent.select_related("account", "autopay__loan"))


def _as_sent(attempt: Attempt) -> Debit:
    account = attempt.account
    return Debit(
        number=attempt.pk,
        individual_id=attempt.autopay.loan.number[-INDIVIDUAL_ID_LENGTH:],
        name=account.holder,
        routing_number=account.routing_number,
        account_number=account.account_number,
        account_type=AccountType(account.account_type),
        amount=attempt.amount,
        effective_on=attempt.effective_on,
        is_retry=attempt.attempt_no > 1,
    )
