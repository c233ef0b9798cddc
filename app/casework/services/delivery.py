"""A notice on its way: everything is looked at again when it leaves, for the night that decided it is hours ago."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from django_tenants.utils import schema_context

from casework import zones
from casework.channels import channel
from casework.exceptions import NoAddressError
from casework.models import Notice
from casework.selectors.contact import Day, arranged, barred
from casework.services.dunning import KIND
from casework.texts import Facts, Text, render
from common import clock
from common.tasks import deliverer
from delinquency.selectors import amounts_past_due, days_past_due

Outcome = Notice.Outcome

#: What could not leave for so many days, e.g. because a mail server was away, does not leave any more.
STALE_AFTER = timedelta(days=7)


@deliverer(KIND)
def deliver(key: str, payload: Mapping[str, Any]) -> datetime | None:
    """Send one notice, or say why it is not sent; called by the outbox's relay until it ends well.

    Args:
        key: the notice's, the same at every try.
        payload: the tenant and the notice's id.

    Returns:
        The borrower's next morning when they may not be disturbed now; None when the notice is settled.

    Raises:
        NoZoneError: nobody knows what time it is where the borrower lives; the outbox asks again.
    """
    with schema_context(payload["tenant"]):
        related = ("loan__borrower", "step__strategy", "version")
        notice = Notice.objects.select_related(*related).get(pk=payload["notice"])
        return _settle(key, notice) if notice.outcome == Outcome.WAITING else None


def _settle(key: str, notice: Notice) -> datetime | None:
    """Drop the notice or send it; or return until when it must wait."""
    facts, now = facts_of(notice), clock.now()
    reason = _reason_to_drop(notice, facts)
    if facts and not reason:
        state = notice.loan.borrower.state
        if not zones.may_disturb(now, state):
            return zones.first_chance(now, state)
        reason = _send(key, notice, facts)
    notice.outcome = Outcome.DROPPED if reason else Outcome.SENT
    notice.reason, notice.settled_on = reason, now.date()
    notice.save(update_fields=["outcome", "reason", "settled_on"])
    return None


def _reason_to_drop(notice: Notice, facts: Facts | None) -> str:
    """Return why a notice is not to be sent any more, or empty."""
    loan_id, today = notice.loan_id, Day.today(clock.today())
    if today.on > notice.decided_on + STALE_AFTER:
        return f"it could not be sent for {STALE_AFTER.days} days"
    if Notice.objects.filter(loan=loan_id, decided_on__gt=notice.decided_on).exists():
        return "a newer notice takes its place"
    if facts is None:
        return "nothing is past due any more"
    why_barred = barred([loan_id], channel=notice.version.channel, day=today)
    return why_barred.get(loan_id) or arranged([loan_id], day=today).get(loan_id, "")


def _send(key: str, notice: Notice, facts: Facts) -> str:
    """Hand the message over; return why that is impossible, or empty."""
    identity, text = notice.loan.borrower.identity, text_of(notice, facts)
    try:
        channel(notice.version.channel).send(key, notice=notice, identity=identity, text=text)
    except NoAddressError as error:
        return f"the borrower has no {error.args[0]}"
    return ""


def text_of(notice: Notice, facts: Facts) -> Text:
    """Return what a notice says; it names the borrower, so it is kept nowhere."""
    return render(subject=notice.version.subject, body=notice.version.body, facts=facts)


def facts_of(notice: Notice) -> Facts | None:
    """Return what a notice can say today, or None when nothing is past due any more.

    What is past due is told by what was paid until yesterday, as the night told it; whether anything still is, by what
    was paid today too.

    Args:
        notice: with its loan's borrower, step's strategy and version.
    """
    loan, today = notice.loan, Day.today(clock.today())
    still = [one for one in days_past_due(today.known_before, loan_ids=[loan.pk]) if one.oldest_due < today.on]
    state = next(iter(days_past_due(today.on, loan_ids=[loan.pk])), None) if still else None
    if state is None:
        return None
    identity, strategy = loan.borrower.identity, notice.step.strategy
    return Facts(
        first_name=identity.first_name,
        surname=identity.surname,
        loan=loan.number,
        amount=amounts_past_due(today.on, loan_ids=[loan.pk])[loan.pk],
        days=state.dpd,
        due_date=state.oldest_due,
        sender=parseaddr(strategy.sender)[0] or strategy.sender,
        opt_out=strategy.opt_out,
    )
